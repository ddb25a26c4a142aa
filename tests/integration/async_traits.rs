//! Async functions of traits: with and without `Send`, and with `async_trait`.

use crate::async_tools::{paused, spawned};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use parallelize::parallelize;
use tokio::task::yield_now;

/// A trait whose futures can be sent.
trait Fetch: Sync {
    #[parallelize(over = url)]
    fn get(&self, url: &str) -> impl Future<Output = String> + Send;

    #[parallelize(over = url, try_collect)]
    fn owned(&self, url: String, by: &str) -> impl Future<Output = Result<String, String>> + Send;
}

struct Echo;

impl Fetch for Echo {
    async fn get(&self, url: &str) -> String {
        yield_now().await;
        url.to_uppercase()
    }

    async fn owned(&self, url: String, by: &str) -> Result<String, String> {
        yield_now().await;
        if url == "bad" { Err(url) } else { Ok(url + by) }
    }
}

/// Code that is generic over the trait takes owned items.
async fn generic<T: Fetch + Send>(fetch: T) -> Result<Vec<String>, String> {
    let suffix = String::from("!");
    fetch.owned_parallel(vec![String::from("a"), String::from("b")], &suffix).await
}

/// With borrowed items, it boxes the future. Otherwise a task that is spawned does not compile,
/// because of a limitation of the compiler.
async fn generic_and_borrowed<T: Fetch + Send>(fetch: T) -> Vec<String> {
    let urls = [String::from("a"), String::from("b")];
    let call: BoxFuture<'_, _> = Box::pin(fetch.get_parallel(urls.iter().map(|url| &url[..])));
    call.await
}

/// Or it calls a free function.
#[parallelize(over = url)]
async fn get<T: Fetch>(url: &str, fetch: &T) -> String {
    fetch.get(url).await
}

async fn generic_and_free<T: Fetch + Send>(fetch: T) -> Vec<String> {
    let urls = [String::from("a"), String::from("b")];
    get_parallel(urls.iter().map(|url| &url[..]), &fetch).await
}

#[test]
fn a_trait_whose_futures_can_be_sent() {
    spawned(|| async {
        let urls = [String::from("a"), String::from("b")];
        assert_eq!(Echo.get_parallel(urls.iter().map(|url| &url[..])).await, ["A", "B"]);
        assert_eq!(Echo.get_parallel_iter(["a", "b"]).collect::<Vec<_>>().await, ["A", "B"]);
        assert_eq!(Echo.owned_parallel(urls.iter().cloned(), "?").await, Ok(vec!["a?".into(), "b?".into()]));
        assert_eq!(Echo.owned_parallel(["a".into(), "bad".into()], "?").await, Err("bad".into()));
        assert_eq!(generic(Echo).await, Ok(vec!["a!".into(), "b!".into()]));
        assert_eq!(generic_and_borrowed(Echo).await, ["A", "B"]);
        assert_eq!(generic_and_free(Echo).await, ["A", "B"]);
    });
}

/// A trait whose futures stay on one thread.
#[allow(async_fn_in_trait)]
trait LocalFetch {
    #[parallelize(over = url, local)]
    async fn get_here(&self, url: &str) -> String;
}

impl LocalFetch for std::cell::Cell<usize> {
    async fn get_here(&self, url: &str) -> String {
        yield_now().await;
        self.set(self.get() + 1);
        url.to_uppercase()
    }
}

async fn generic_here<T: LocalFetch>(fetch: &T) -> Vec<String> {
    let urls = [String::from("a"), String::from("b")];
    fetch.get_here_parallel(urls.iter().map(|url| &url[..])).await
}

#[test]
fn a_trait_whose_futures_stay_on_one_thread() {
    let count = std::cell::Cell::new(0);
    assert_eq!(paused(generic_here(&count)), ["A", "B"]);
    assert_eq!(paused(count.get_here_parallel_iter(["c"]).collect::<Vec<_>>()), ["C"]);
    assert_eq!(count.get(), 3);
}

/// `async_trait` rewrites the functions before `parallelize` sees them.
#[async_trait]
trait BoxedFetch: Sync {
    #[parallelize(over = url)]
    async fn fetch(&self, url: &str, by: u32) -> String;

    #[parallelize(over = url, try_collect, in_flight = 2)]
    async fn check(&self, url: String) -> Result<usize, String> {
        yield_now().await;
        if url.is_empty() { Err("no address".into()) } else { Ok(url.len()) }
    }
}

#[async_trait]
impl BoxedFetch for Echo {
    async fn fetch(&self, url: &str, by: u32) -> String {
        yield_now().await;
        format!("{url}{by}")
    }
}

async fn generic_boxed<T: BoxedFetch + Send>(fetch: T) -> Result<Vec<usize>, String> {
    let call: BoxFuture<'_, _> = Box::pin(fetch.check_parallel(vec![String::from("a"), String::new()]));
    call.await
}

#[test]
fn a_trait_of_async_trait() {
    spawned(|| async {
        let urls = [String::from("a"), String::from("bc")];
        assert_eq!(Echo.fetch_parallel(["a"], 1).await, ["a1"]);
        assert_eq!(Echo.fetch_parallel(urls.iter().map(|url| &url[..]), 1).await, ["a1", "bc1"]);
        let calls = Echo.fetch_parallel_iter(urls.iter().map(|url| &url[..]), 1);
        assert_eq!(calls.collect::<Vec<_>>().await, ["a1", "bc1"]);
        assert_eq!(Echo.check_parallel(urls.iter().cloned()).await, Ok(vec![1, 2]));
        assert_eq!(generic_boxed(Echo).await, Err("no address".into()));
    });
}
