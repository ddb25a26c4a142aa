//! The downloads of README, with a client like that of `reqwest`, from a server of this test.

use crate::async_tools::{Gauge, ms, runtimes};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// The part of `reqwest` that README uses. Its requests go to the port of the address only.
mod reqwest {
    use super::{AsyncReadExt, AsyncWriteExt, TcpStream, io};

    pub(super) type Result<T> = io::Result<T>;

    pub(super) struct Client(());

    pub(super) struct RequestBuilder(String);

    pub(super) struct Response(String);

    impl Client {
        pub(super) fn new() -> Self {
            Client(())
        }

        #[expect(clippy::unused_self, reason = "as in reqwest")]
        pub(super) fn get(&self, url: &str) -> RequestBuilder {
            RequestBuilder(url.to_owned())
        }
    }

    impl RequestBuilder {
        pub(super) async fn send(self) -> Result<Response> {
            let address = self.0.strip_prefix("http://").unwrap_or(&self.0);
            let (host, path) = address.split_once('/').ok_or(io::ErrorKind::InvalidInput)?;
            let mut stream = TcpStream::connect(host).await?;
            stream.write_all(format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            Ok(Response(answer))
        }
    }

    impl Response {
        pub(super) fn error_for_status(self) -> Result<Self> {
            match self.0.split(' ').nth(1) {
                Some("200") => Ok(self),
                status => Err(io::Error::other(format!("status {}", status.unwrap_or("missing")))),
            }
        }

        #[expect(clippy::unused_async, reason = "as in reqwest")]
        pub(super) async fn text(self) -> Result<String> {
            Ok(self.0.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?.1.to_owned())
        }
    }
}

/// The example of README.
#[rustfmt::skip]
mod readme {
    use super::reqwest;
// README
use parallelize::parallelize;
use reqwest::{Client, Result};

#[parallelize(over = url, try_collect, in_flight = 16, progress = "loading")]
async fn download(url: &str, client: &Client) -> Result<String> {
    client.get(url).send().await?.error_for_status()?.text().await
}

async fn download_all(urls: &[String]) -> Result<Vec<String>> {
    let urls = urls.iter().map(String::as_str);
    download_parallel(urls, &Client::new()).await
}
// README

    pub(super) async fn run(urls: &[String]) -> Result<Vec<String>> {
        download_all(urls).await
    }
}

#[test]
fn readme_has_the_same_code() {
    let parts: Vec<&str> = include_str!("async_downloads.rs").split("// README\n").collect();
    let readme = include_str!("../../README.md");
    assert!(parts[1].contains("parallelize") && readme.contains(parts[1]), "README differs from:\n{}", parts[1]);
}

/// Serves pages `0` to `199`, and closes each connection after its answer.
async fn serve(listener: TcpListener, gauge: Arc<Gauge>) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        let gauge = Arc::clone(&gauge);
        tokio::spawn(async move {
            let connection = gauge.enter();
            let mut line = String::new();
            BufReader::new(&mut stream).read_line(&mut line).await?;
            let page: Option<u64> = line.split(['/', ' ']).nth(2).and_then(|page| page.parse().ok());
            sleep(ms(page.unwrap_or(0) % 7)).await;
            let answer = match page {
                Some(page @ 0..200) => format!("HTTP/1.1 200 OK\r\n\r\nthe page {page}"),
                _ => String::from("HTTP/1.1 404 Not Found\r\n\r\n"),
            };
            connection.finish();
            stream.write_all(answer.as_bytes()).await
        });
    }
}

#[test]
fn two_hundred_pages_over_sixteen_connections() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address: SocketAddr = listener.local_addr().expect("an address");
            let gauge = Arc::new(Gauge::default());
            let server = tokio::spawn(serve(listener, Arc::clone(&gauge)));
            let mut urls: Vec<String> = (0..200).map(|page| format!("http://{address}/{page}")).collect();
            let pages = readme::run(&urls).await.expect("200 pages");
            assert!(pages.into_iter().eq((0..200).map(|page| format!("the page {page}"))));
            assert_eq!((gauge.most(), gauge.finished()), (16, 200));

            urls[150] = format!("http://{address}/300");
            assert_eq!(readme::run(&urls).await.expect_err("no page").to_string(), "status 404");
            server.abort();
        });
    }
}
