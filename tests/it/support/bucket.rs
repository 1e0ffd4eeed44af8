//! An S3 server for tests: `s3s-fs` over a temporary folder in this process, on 127.0.0.1, with one bucket and one key.
//! It ends when its value is dropped.

use std::path::PathBuf;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use store::blob::{BlobId, S3Config};

const ACCESS: &str = "tinhso-test";
const SECRET: &str = "not-a-secret";
const BUCKET: &str = "giay-to";
const PREFIX: &str = "ha-tinh/v1";

/// A server over a folder, and the settings to reach it.
pub struct Bucket {
    folder: tempfile::TempDir,
    endpoint: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Bucket {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        std::fs::write(
            folder.path().join("credentials"),
            format!("TINHSO_S3_ACCESS_KEY_ID={ACCESS}\nTINHSO_S3_SECRET_ACCESS_KEY={SECRET}\n"),
        )
        .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let mut service = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
        service.set_auth(s3s::auth::SimpleAuth::from_single(ACCESS, SECRET));
        let service = service.build();
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    // A client that goes away ends its connection; that is no fault of the server.
                    let builder = Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { folder, endpoint, task }
    }

    /// How to reach it.
    pub fn settings(&self) -> S3Config {
        S3Config {
            endpoint: self.endpoint.clone(),
            bucket: BUCKET.to_owned(),
            region: "us-east-1".to_owned(),
            prefix: PREFIX.to_owned(),
            credentials_file: Some(self.folder.path().join("credentials")),
            allow_http: false,
        }
    }

    /// Where the object of a blob lies.
    pub fn object(&self, id: BlobId) -> PathBuf {
        let uuid = id.uuid();
        let shard = format!("{:02x}", uuid.as_bytes()[15]);
        let folder = self.folder.path().join(BUCKET).join(PREFIX);
        folder.join(shard).join(uuid.to_string())
    }

    /// Where every object in the bucket lies. What the server moves into its place meanwhile is not there yet.
    pub fn paths(&self) -> Vec<PathBuf> {
        let all = walkdir::WalkDir::new(self.folder.path().join(BUCKET)).into_iter();
        all.filter_map(|entry| match entry {
            Err(error) if is_gone(error.io_error()) => None,
            entry => Some(entry.unwrap()),
        })
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect()
    }

    /// Every object in the bucket.
    pub fn objects(&self) -> Vec<Vec<u8>> {
        let read = |path: &PathBuf| match std::fs::read(path) {
            Err(error) if is_gone(Some(&error)) => None,
            bytes => Some(bytes.unwrap()),
        };
        self.paths().iter().filter_map(read).collect()
    }
}

fn is_gone(error: Option<&std::io::Error>) -> bool {
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}
