//! The smallest HTTP/1.1 client that measures a server and not itself: one kept connection, requests written whole,
//! answers read by length or chunks. It follows no redirect, keeps no cookie and refuses an answer beyond its bound.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The head as it came, without the status line.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Bytes on the wire, head and body, as they came (compressed).
    pub(crate) wire_bytes: usize,
}

impl Answer {
    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A kept connection. It is opened again when the server closed it.
#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Client {
    /// A client that will connect at its first request.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            buffer: Vec::with_capacity(64 << 10),
        }
    }

    /// GET with further header lines (each ended with CRLF).
    pub(crate) async fn get(&mut self, path: &str, headers: &str) -> io::Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.address);
        self.send(request.as_bytes()).await
    }

    /// POST of a form as a browser sends it: with `Origin` and `Sec-Fetch-Site`.
    pub(crate) async fn post(&mut self, path: &str, headers: &str, kind: &str, body: &[u8]) -> io::Result<Answer> {
        let host = self.address;
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.send(&request).await
    }

    async fn send(&mut self, request: &[u8]) -> io::Result<Answer> {
        let reused = self.stream.is_some();
        match self.once(request).await {
            Ok(answer) => Ok(answer),
            // A kept connection may have been closed meanwhile; nothing was answered, so it is sent once more.
            Err(error) if reused && error.kind() != io::ErrorKind::InvalidData => {
                self.stream = None;
                self.once(request).await
            }
            Err(error) => Err(error),
        }
    }

    async fn once(&mut self, request: &[u8]) -> io::Result<Answer> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
        }
        let mut stream = self.stream.take().ok_or(io::ErrorKind::NotConnected)?;
        self.buffer.clear();
        stream.write_all(request).await?;
        let answer = read_answer(&mut stream, &mut self.buffer).await?;
        let closes = answer
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        if !closes {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Answer> {
    let head_end = loop {
        if let Some(at) = find(buffer, b"\r\n\r\n") {
            break at;
        }
        more(stream, buffer).await?;
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let (line, head) = head
        .split_once("\r\n")
        .map_or((head.as_str(), ""), |(line, rest)| (line, rest));
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| broken("no status"))?;
    let mut answer = Answer {
        status,
        head: head.to_owned(),
        body: Vec::new(),
        wire_bytes: 0,
    };
    let start = head_end + 4;
    if let Some(length) = answer.header("content-length") {
        let length: usize = length.parse().map_err(|_| broken("no length"))?;
        while buffer.len() < start + length {
            more(stream, buffer).await?;
        }
        answer.body = buffer[start..start + length].to_vec();
        answer.wire_bytes = start + length;
    } else if answer
        .header("transfer-encoding")
        .is_some_and(|value| value.contains("chunked"))
    {
        answer.wire_bytes = read_chunks(stream, buffer, start, &mut answer.body).await?;
    } else {
        answer.wire_bytes = start;
    }
    Ok(answer)
}

async fn read_chunks(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    mut at: usize,
    body: &mut Vec<u8>,
) -> io::Result<usize> {
    loop {
        let line_end = loop {
            if let Some(end) = find(&buffer[at..], b"\r\n") {
                break at + end;
            }
            more(stream, buffer).await?;
        };
        let digits = String::from_utf8_lossy(&buffer[at..line_end]).into_owned();
        let size =
            usize::from_str_radix(digits.split(';').next().unwrap_or("").trim(), 16).map_err(|_| broken("no chunk"))?;
        let data = line_end + 2;
        while buffer.len() < data + size + 2 {
            more(stream, buffer).await?;
        }
        body.extend_from_slice(&buffer[data..data + size]);
        at = data + size + 2;
        if size == 0 {
            return Ok(at);
        }
    }
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    if buffer.len() > ANSWER_BYTES_MAX {
        return Err(broken("the answer is too long"));
    }
    match stream.read_buf(buffer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
