//! The INSTREAM command of clamd: pieces with their length in front, an empty piece at the end, one line in answer.
//! It refuses to wait for ever, and an answer longer than a line. Standard: clamd(8).

use store::blob::BlobReader;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{Address, ScanError, Scanner, Verdict};

/// Longest answer that is read, in bytes.
const ANSWER_MAX: u64 = 4_096;

impl Scanner {
    /// Sends a file to the scanner and reads what it says.
    ///
    /// # Errors
    /// `Silent` and `Slow` when it should be asked again; `Refused` with its own words, such as "size limit exceeded".
    pub async fn scan(&self, file: &mut BlobReader) -> Result<Verdict, ScanError> {
        self.within(async {
            match &self.address {
                Address::Unix(path) => stream(tokio::net::UnixStream::connect(path).await?, file).await,
                Address::Tcp(address) => stream(tokio::net::TcpStream::connect(address).await?, file).await,
            }
        })
        .await
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// As [`Scanner::scan`].
    pub async fn ping(&self) -> Result<(), ScanError> {
        let said = self
            .within(async {
                match &self.address {
                    Address::Unix(path) => ask(tokio::net::UnixStream::connect(path).await?).await,
                    Address::Tcp(address) => ask(tokio::net::TcpStream::connect(address).await?).await,
                }
            })
            .await?;
        if said == "PONG" {
            Ok(())
        } else {
            Err(ScanError::Refused(said))
        }
    }

    async fn within<T>(&self, work: impl Future<Output = Result<T, ScanError>>) -> Result<T, ScanError> {
        tokio::time::timeout(self.patience, work)
            .await
            .map_err(|_| ScanError::Slow)?
    }
}

async fn ask(mut socket: impl AsyncRead + AsyncWrite + Unpin) -> Result<String, ScanError> {
    socket.write_all(b"zPING\0").await?;
    answer(socket).await
}

async fn stream(mut socket: impl AsyncRead + AsyncWrite + Unpin, file: &mut BlobReader) -> Result<Verdict, ScanError> {
    socket.write_all(b"zINSTREAM\0").await?;
    while let Some(piece) = file.next_piece().await? {
        for part in piece.chunks(64 << 10) {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            // A scanner that refuses (too large) answers and hangs up: what it said is read below.
            let sent = async {
                socket.write_all(&length.to_be_bytes()).await?;
                socket.write_all(part).await
            };
            if sent.await.is_err() {
                return verdict(&answer(socket).await?);
            }
        }
    }
    socket.write_all(&0_u32.to_be_bytes()).await?;
    socket.flush().await?;
    verdict(&answer(socket).await?)
}

async fn answer(socket: impl AsyncRead + Unpin) -> Result<String, ScanError> {
    let mut said = Vec::new();
    let mut bounded = socket.take(ANSWER_MAX);
    let mut piece = [0_u8; 512];
    loop {
        let count = bounded.read(&mut piece).await?;
        said.extend_from_slice(&piece[..count]);
        if count == 0 || said.contains(&0) || said.contains(&b'\n') {
            break;
        }
    }
    let line = said.split(|byte| matches!(byte, 0 | b'\n')).next().unwrap_or_default();
    if line.is_empty() {
        return Err(ScanError::Refused("nothing".to_owned()));
    }
    Ok(String::from_utf8_lossy(line).trim().to_owned())
}

/// Reads `stream: OK`, `stream: NAME FOUND`.
fn verdict(said: &str) -> Result<Verdict, ScanError> {
    let rest = said.strip_prefix("stream:").map(str::trim);
    match rest {
        Some("OK") => Ok(Verdict::Clean),
        Some(found) if found.ends_with(" FOUND") => Ok(Verdict::Infected(
            found.trim_end_matches(" FOUND").chars().take(200).collect(),
        )),
        _ => Err(ScanError::Refused(said.chars().take(200).collect())),
    }
}
