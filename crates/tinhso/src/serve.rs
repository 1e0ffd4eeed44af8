//! Listening: takes the port, speaks HTTP/1.1 and HTTP/2 with or without TLS, bounds slow clients, and ends
//! cleanly: new connections stop, requests under way finish, the store drains its queue.

use crate::{App, Error, jobs, tls};
use axum::Router;
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// How long requests under way may take after the signal to stop.
const FINISH: Duration = Duration::from_secs(30);

/// Takes the configured port now, so that a taken one is said before any other work.
/// # Errors
/// `Error::Taken` that says which port and what to do.
pub fn take_port(address: SocketAddr) -> Result<TcpListener, Error> {
    let listener = TcpListener::bind(address).map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => Error::Taken(format!(
            "{address} is in use by another program; stop it, or choose another port with --port N"
        )),
        std::io::ErrorKind::PermissionDenied => Error::Taken(format!(
            "{address} needs rights this user lacks; use a port above 1023, or the packaged service"
        )),
        _ => Error::Taken(format!("cannot listen on {address}: {e}")),
    })?;
    listener
        .set_nonblocking(true)
        .map_err(Error::io(format!("cannot listen on {address}")))?;
    Ok(listener)
}

/// Serves until SIGINT or SIGTERM, then ends cleanly.
/// # Errors
/// When the listener fails or the store cannot be closed.
pub async fn serve(app: App, listener: TcpListener) -> Result<(), Error> {
    let handle = Handle::new();
    let stop = tokio::spawn(stop_on_signal(handle.clone()));
    let workers = jobs::start(&app);
    let silence = Duration::from_secs(app.config.listen.client_silence_seconds_max);
    let result = listen(&app, listener, handle, silence).await;
    stop.abort();
    workers.stop().await;
    app.store.close().await;
    result
}

async fn listen(app: &App, listener: TcpListener, handle: Handle<SocketAddr>, silence: Duration) -> Result<(), Error> {
    let service = service(app.router.clone());
    let served = match &app.config.tls {
        Some(files) => {
            let config = tls::load(files)?;
            let reload = tokio::spawn(tls::reload_when_changed(files.clone(), config.clone()));
            let mut server = axum_server::from_tcp_rustls(listener, config)
                .map_err(Error::io("cannot serve"))?
                .handle(handle);
            bound(server.http_builder(), silence);
            let served = server.serve(service).await;
            reload.abort();
            served
        }
        None => {
            let mut server = axum_server::from_tcp(listener)
                .map_err(Error::io("cannot serve"))?
                .handle(handle);
            bound(server.http_builder(), silence);
            server.serve(service).await
        }
    };
    served.map_err(Error::io("serving stopped"))
}

fn service(router: Router) -> axum::extract::connect_info::IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
    router.into_make_service_with_connect_info::<SocketAddr>()
}

/// Bounds what one connection may hold: headers in time, a bounded number of HTTP/2 streams.
fn bound<E>(builder: &mut hyper_util::server::conn::auto::Builder<E>, silence: Duration) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(silence)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(silence))
        .keep_alive_timeout(silence)
        .max_concurrent_streams(64)
        .max_header_list_size(64 * 1024);
}

async fn stop_on_signal(handle: Handle<SocketAddr>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::error!("signals cannot be watched; stop the process by its supervisor");
        return;
    };
    tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    tracing::info!("stopping: finishing requests under way");
    handle.graceful_shutdown(Some(FINISH));
}
