//! What happens to the rest of a body that was refused before its end: it is read and thrown away for a bounded time.
//!
//! A server that closes while its client still sends makes the client's system drop the answer with the connection: the
//! person sees "connection reset" instead of the words of the 413 (RFC 9112, section 9.6, "tear-down"). HTTP/2 ends
//! single streams and needs none of this.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use http::{Version, header};

/// Longest reading of a refused body: an answer of some KB has long arrived.
const LONGEST: Duration = Duration::from_secs(30);
/// Longest wait for the next piece of it.
const SILENCE: Duration = Duration::from_secs(2);
/// Most bodies that are read so at once: more are closed as they are.
const AT_ONCE: usize = 128;

/// Bodies whose rest is being read now.
static READING: AtomicUsize = AtomicUsize::new(0);

/// Puts a [`Lingering`] body in place of a body that is still to come.
pub(crate) fn hold(request: Request) -> Request {
    if request.version() > Version::HTTP_11 || request.body().is_end_stream() {
        return request;
    }
    // Who asked for leave to send and did not get it sends nothing.
    let awaits_leave = request.headers().contains_key(header::EXPECT);
    request.map(|body| Body::new(Lingering::new(body, awaits_leave)))
}

/// A request's body that, when dropped before its end, has its rest read by a task of its own.
struct Lingering {
    /// `None` when nothing more is to come.
    rest: Option<Body>,
    awaits_leave: bool,
}

impl Lingering {
    fn new(body: Body, awaits_leave: bool) -> Self {
        Self {
            rest: Some(body),
            awaits_leave,
        }
    }
}

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        self.awaits_leave = false;
        let Some(rest) = &mut self.rest else {
            return Poll::Ready(None);
        };
        let frame = std::task::ready!(Pin::new(rest).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.rest = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.rest.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(rest) = self.rest.take() else { return };
        if self.awaits_leave || rest.is_end_stream() {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        if READING.fetch_add(1, Ordering::Relaxed) >= AT_ONCE {
            READING.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        runtime.spawn(async move {
            let _ = tokio::time::timeout(LONGEST, read_out(rest)).await;
            READING.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

/// Reads to the end, an error, or silence.
async fn read_out(mut rest: Body) {
    let mut piece = async || poll_fn(|context| Pin::new(&mut rest).poll_frame(context)).await;
    while let Ok(Some(Ok(_))) = tokio::time::timeout(SILENCE, piece()).await {}
}
