//! Async functions against an HTTP server with random delays and failures.

use crate::async_tools::{Gauge, ms, runtimes};
use parallelize::parallelize;
use std::io::{self, Error, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// Returns one of 2^64 numbers, always the same for the same seeds.
fn random(seed: u64, salt: u64) -> u64 {
    let mixed = (seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ mixed >> 29).wrapping_mul(0x94d0_49bb_1331_11eb) >> 20
}

/// Maximum delay of an answer, in microseconds.
const MAX_DELAY_MICROS: u64 = 3_000;

/// One page in this number does not exist.
const PAGES_PER_FAILURE: u64 = 8;

fn exists(page: u64) -> bool {
    !random(page, 1).is_multiple_of(PAGES_PER_FAILURE)
}

/// A server whose pages come after a random delay, or do not exist.
struct Server {
    address: SocketAddr,
    connections: Arc<Gauge>,
    accepts: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}

impl Server {
    async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, connections) = (listener.local_addr()?, Arc::new(Gauge::default()));
        let gauge = Arc::clone(&connections);
        let accepts = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let gauge = Arc::clone(&gauge);
                // A client that hangs up is an error, which nobody wants to know.
                tokio::spawn(async move { answer(stream, &gauge).await });
            }
        });
        Ok(Server { address, connections, accepts })
    }

    /// Waits until all connections are closed.
    async fn is_idle(&self) {
        while self.connections.running() > 0 {
            sleep(ms(1)).await;
        }
    }
}

/// Answers one request, and closes the connection.
async fn answer(mut stream: TcpStream, gauge: &Gauge) -> io::Result<()> {
    let connection = gauge.enter();
    let (mut reader, mut request) = (BufReader::new(&mut stream), String::new());
    reader.read_line(&mut request).await?;
    let page = request.strip_prefix("GET /pages/").and_then(|rest| rest.split(' ').next()?.parse().ok());
    let page: u64 = page.ok_or(ErrorKind::InvalidData)?;
    let mut header = String::new();
    while reader.read_line(&mut header).await? > 2 {
        header.clear();
    }
    sleep(Duration::from_micros(random(page, 2) % MAX_DELAY_MICROS)).await;
    let (status, body) = if exists(page) { ("200 OK", page * 3) } else { ("404 Not Found", page) };
    let body = format!("the page {body}");
    let length = body.len();
    // The client sees the end of the connection after it has been counted.
    connection.finish();
    stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes()).await
}

/// Downloads one page.
#[parallelize(over = page, try_collect, in_flight = 16)]
async fn download(page: u64, server: SocketAddr, retries: u32) -> io::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(format!("GET /pages/{page} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    match head.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        status => Err(Error::other(format!("page {page}: {status:?} after {retries} retries"))),
    }
}

#[test]
fn each_of_a_thousand_first_errors_is_that_of_the_loop() {
    let begin = Instant::now();
    for (runtime, part) in runtimes().into_iter().zip(0..) {
        runtime.block_on(async {
            let (mut failures, mut most) = (0, 0);
            for round in 0..500 {
                // A new server, because it may still answer the calls that the last round dropped.
                let server = Server::start().await.expect("a port");
                let first = random(round, part);
                let pages = first..first + 12;
                let calls = download_parallel_iter(pages.clone(), server.address, 0).in_flight(6);
                let result = calls.try_collect::<Vec<_>>().await.map_err(|error| error.to_string());
                let expected = pages.map(|page| {
                    let error = format!("page {page}: Some(\"404\") after 0 retries");
                    exists(page).then(|| format!("the page {}", page * 3)).ok_or(error)
                });
                let expected: Result<Vec<String>, String> = expected.collect();
                failures += u32::from(expected.is_err());
                assert_eq!(result, expected, "round {round}");
                most = most.max(server.connections.most());
            }
            assert!((300..=450).contains(&failures), "{failures} of 500 calls have failed");
            assert_eq!(most, 6, "connections at a time");
        });
    }
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

#[test]
fn many_pages_over_few_connections() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let server = Server::start().await.expect("a port");
            let pages: Vec<u64> = (0..).filter(|page| exists(*page)).take(1_000).collect();
            let expected: Vec<String> = pages.iter().map(|page| format!("the page {}", page * 3)).collect();
            let downloaded = download_parallel(pages.iter().copied(), server.address, 0).await;
            assert_eq!(downloaded.expect("all pages exist"), expected);
            assert_eq!((server.connections.most(), server.connections.finished()), (16, 1_000));

            let mut bytes = 0;
            let calls = download_parallel_iter(pages.iter().copied(), server.address, 0).in_flight(8);
            let end = calls.try_for_each(|page| {
                let length = page.map(|page| bytes += page.len());
                async move { length }
            });
            end.await.expect("all pages exist");
            assert_eq!(bytes, expected.concat().len());
        });
    }
}

#[test]
fn a_dropped_call_closes_its_connections() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let server = Server::start().await.expect("a port");
            let calls = download_parallel_iter(0.., server.address, 0).in_flight(10);
            let call = calls.for_each(async |_| ());
            timeout(ms(50), call).await.expect_err("the input has no end");
            // The server answers whoever is still connected, and nobody comes after that.
            sleep(ms(20)).await;
            server.is_idle().await;
            let begun = server.connections.begun();
            sleep(ms(20)).await;
            assert!(begun > 20 && server.connections.begun() == begun, "{begun} connections");
            assert_eq!(server.connections.most(), 10);
        });
    }
}
