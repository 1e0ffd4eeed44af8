//! Serves the gallery of components on 127.0.0.1: `cargo run -p web --example gallery -- 8099`.

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|p| p.parse().ok()).unwrap_or(8099_u16);
    let texts = web::Source {
        name: "gallery",
        vi: include_str!("gallery.vi.ftl"),
        en: include_str!("gallery.vi.ftl"),
    };
    web::i18n::register(&[texts]);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, web::gallery::router()).await
}
