//! The line between a desk and the server: a door in front of a site that can be shut and opened. Shut, it ends what runs
//! and refuses what comes, as a broken cable does; the address stays the same, so that a browser's storage does too.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A door in front of a site.
pub struct Line {
    url: String,
    up: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Line {
    /// Opens a door to the site at this address.
    pub async fn to(url: &str) -> Self {
        let site: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap();
        let (up, watched) = watch::channel(true);
        let task = tokio::spawn(async move {
            loop {
                let Ok((mut here, _)) = listener.accept().await else {
                    continue;
                };
                let mut watched = watched.clone();
                if !*watched.borrow_and_update() {
                    continue;
                }
                tokio::spawn(async move {
                    let Ok(mut there) = TcpStream::connect(site).await else {
                        return;
                    };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut here, &mut there) => {}
                        _ = watched.wait_for(|up| !up) => {}
                    }
                });
            }
        });
        Self {
            url: format!("http://{own}"),
            up,
            task,
        }
    }

    /// The address of the door, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Breaks the line.
    pub fn cut(&self) {
        self.up.send_replace(false);
    }

    /// Mends it.
    pub fn mend(&self) {
        self.up.send_replace(true);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}
