//! Async functions. Their futures are `Send`, unless the attribute says `local`.

use parallelize::{ItemPanic, parallelize};
use std::cell::Cell;
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Waits until the executor polls again.
#[derive(Default)]
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        cx.waker().wake_by_ref();
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn pause() -> Pause {
    Pause::default()
}

/// Runs a future.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Runs a future as executors with several threads do, which move it.
fn spawn<F: Future + Send>(future: F) -> F::Output {
    block_on(future)
}

#[derive(Debug, PartialEq)]
pub struct Page(String);

#[derive(Default)]
pub struct Client {
    name: String,
}

#[parallelize(over = url, in_flight = 16)]
pub async fn fetch(url: String, client: &Client, retries: u32) -> Result<Page, String> {
    pause().await;
    if url.contains("bad") { Err(format!("{} after {}", url, retries)) } else { Ok(Page(client.name.clone() + &url)) }
}

#[parallelize(over = url, try_collect, name = fetch_all)]
async fn fetch_again(url: &str, client: &Client) -> Result<Page, String> {
    fetch(url.to_owned(), client, 1).await
}

#[parallelize(over = url, try_collect)]
async fn check(url: &str, client: &Client) -> Result<(), String> {
    fetch(url.to_owned(), client, 1).await.map(drop)
}

#[parallelize(over = x, try_collect)]
async fn check_some(x: u32, limit: u32) -> std::option::Option<()> {
    pause().await;
    if x < limit { Some(()) } else { None }
}

#[test]
fn results_and_errors_of_the_input() {
    let urls: Vec<String> = (0..50).map(|number| format!("u{}", number)).collect();
    spawn(async {
        let client = Client::default();
        let pages = fetch_parallel(urls.iter().cloned(), &client, 3).await;
        assert!(pages.into_iter().map(Result::unwrap).eq(urls.iter().cloned().map(Page)));
        assert_eq!(fetch_all(urls.iter().map(|url| &url[..]), &client).await.unwrap().len(), 50);
        assert_eq!(fetch_all(vec!["a", "bad1", "bad2"], &client).await.unwrap_err(), "bad1 after 1");
        assert_eq!(check_parallel(vec!["a"], &client).await, Ok(()));
        assert_eq!(check_parallel(vec!["a", "bad"], &client).await.unwrap_err(), "bad after 1");
        assert_eq!(check_some_parallel(0..3, 3).await, Some(()));
        assert_eq!(check_some_parallel(0..4, 3).await, None);
        let pages = fetch_parallel_iter(urls.iter().cloned(), &client, 3).in_flight(2).collect::<Vec<_>>().await;
        assert_eq!(pages.len(), 50);
        let error = fetch_all_iter(vec!["a", "bad"], &client).try_collect::<Vec<_>>().await;
        assert_eq!(error.unwrap_err(), "bad after 1");
        check_parallel_iter(vec!["a"], &client).for_each(|result| async move { result.unwrap() }).await;
    });
}

#[parallelize(over = line, skip_none)]
async fn find<'t>(line: &'t str, word: &str) -> Option<&'t str> {
    pause().await;
    line.split(' ').find(|other| *other == word)
}

#[parallelize(over = line)]
async fn count(line: &str, word: &str) -> usize {
    pause().await;
    line.matches(word).count()
}

#[parallelize(over = range)]
async fn part<'t>(text: &'t str, range: std::ops::Range<usize>, _by: &u32) -> &'t str {
    pause().await;
    &text[range]
}

#[parallelize(over = x)]
async fn fill(x: &mut u32, by: u32) {
    pause().await;
    *x += by;
}

#[test]
fn borrowed_items_and_results() {
    spawn(async {
        let text = String::from("a rose\nis\na rose");
        let word = String::from("rose");
        assert_eq!(find_parallel(text.lines(), &word).await, ["rose", "rose"]);
        let found = find_parallel_iter(text.lines().filter(|line| line.len() > 1), &word).collect::<Vec<_>>().await;
        assert_eq!(found, ["rose", "rose"]);
        assert_eq!(count_parallel(text.lines().filter(|line| line.len() > 2), &word).await, [1, 1]);
        let lines: Vec<String> = text.lines().map(String::from).collect();
        assert_eq!(count_parallel(lines.iter().map(String::as_str), &word).await, [1, 0, 1]);
        let counts = count_parallel_iter(lines.iter().map(|line| &line[..]), &word).collect::<Vec<usize>>().await;
        assert_eq!(counts, [1, 0, 1]);
        assert_eq!(part_parallel(&text, vec![0..1, 2..6], &2).await, ["a", "rose"]);
        assert_eq!(part_parallel_iter(&text, vec![0..1], &2).collect::<Vec<_>>().await, ["a"]);
        let mut numbers = vec![1, 2];
        fill_parallel(&mut numbers, 5).await;
        fill_parallel_iter(&mut numbers, 5).collect::<()>().await;
        assert_eq!(numbers, [11, 12]);
    });
}

#[parallelize(over = x)]
async fn show<T: Display + Sync, K>(x: T, by: &K, end: T) -> String
where
    T: Clone,
    K: Fn(&T) -> String,
{
    pause().await;
    format!("{}{}{}", x, by(&x), end)
}

#[parallelize(over = x)]
async fn each(x: u32, by: impl Fn(u32) -> u32) -> u32 {
    pause().await;
    by(x)
}

#[parallelize(over = x)]
async fn opaque(x: u32, by: u32) -> impl Display {
    pause().await;
    x + by
}

#[parallelize(over = x, catch_panics)]
async fn odd(x: u32) -> u32 {
    pause().await;
    assert!(x % 2 == 1, "even: {}", x);
    x
}

#[parallelize(over = x, catch_panics, skip_none)]
async fn half(x: u32) -> Option<u32> {
    pause().await;
    assert!(x > 0);
    if x % 2 == 0 { Some(x / 2) } else { None }
}

#[test]
fn generic_functions_and_options() {
    spawn(async {
        let by = |x: &u32| format!("<{}>", x);
        assert_eq!(show_parallel(vec![1, 2], &by, 7).await, ["1<1>7", "2<2>7"]);
        assert_eq!(show_parallel::<u32, _>(vec![1, 2], &by, 7).await, ["1<1>7", "2<2>7"]);
        assert_eq!(show_parallel_iter(vec![1], &by, 7).collect::<Vec<_>>().await, ["1<1>7"]);
        let factor = 3;
        assert_eq!(each_parallel(vec![1, 2], |x| x * factor).await, [3, 6]);
        assert_eq!(each_parallel_iter(vec![1, 2], |x| x * factor).collect::<Vec<_>>().await, [3, 6]);
        assert_eq!(opaque_parallel(vec![1], 2).await[0].to_string(), "3");
        assert_eq!(opaque_parallel_iter(vec![1], 2).collect::<Vec<_>>().await[0].to_string(), "3");
        let results: Vec<Result<u32, ItemPanic>> = odd_parallel(vec![1, 2, 3]).await;
        assert_eq!(results[1].as_ref().unwrap_err().to_string(), "item 1 panicked: even: 2");
        let results: Vec<Result<u32, ItemPanic>> = odd_parallel_iter(vec![1, 3]).collect().await;
        assert_eq!(results.len(), 2);
        let halves = half_parallel(vec![0, 1, 2]).await;
        assert_eq!((halves[0].is_err(), halves[1].as_ref().ok()), (true, Some(&1)));
        assert_eq!(half_parallel_iter(vec![0, 1, 2]).collect::<Vec<_>>().await.len(), 2);
    });
}

#[parallelize(over = zip(x, y))]
async fn add(x: u32, y: u32, z: u32) -> u32 {
    pause().await;
    x + y + z
}

#[parallelize(over = product(x, y))]
async fn pair(x: u32, y: &str) -> String {
    pause().await;
    format!("{}{}", x, y)
}

#[parallelize(over = x, per_item(seed = |i| i as u64 * base, buffer = |_| Vec::new()), in_flight = LIMIT)]
async fn seeded(x: u64, base: u64, seed: u64, buffer: &mut Vec<u64>) -> u64 {
    buffer.push(x + seed);
    pause().await;
    buffer[0] + base
}

const LIMIT: usize = 3;

#[parallelize]
async fn swap(#[over] (x, y): (u32, u32), by: u32) -> (u32, u32) {
    pause().await;
    (y, x + by)
}

#[test]
fn several_inputs_and_created_parameters() {
    spawn(async {
        assert_eq!(add_parallel(vec![1, 2], vec![10, 20], 100).await, [111, 122]);
        assert_eq!(add_parallel_iter(vec![1, 2], vec![10, 20], 100).collect::<Vec<_>>().await, [111, 122]);
        assert_eq!(pair_parallel(vec![1, 2], vec!["a", "b"]).await, ["1a", "1b", "2a", "2b"]);
        assert_eq!(pair_parallel_iter(vec![1], vec!["a", "b"]).collect::<Vec<_>>().await, ["1a", "1b"]);
        assert_eq!(seeded_parallel(vec![100, 100], 10).await, [110, 120]);
        assert_eq!(seeded_parallel_iter(vec![100, 100], 10).collect::<Vec<_>>().await, [110, 120]);
        assert_eq!(swap_parallel(vec![(1, 2)], 3).await, [(2, 4)]);
    });
}

#[parallelize(over = x)]
fn desugared(x: u32, by: &u32) -> impl Future<Output = u32> + Send {
    let by = *by;
    async move {
        pause().await;
        x + by
    }
}

#[parallelize(over = x)]
fn boxed<'a>(x: u32, by: &'a u32) -> Pin<Box<dyn Future<Output = u32> + Send + 'a>> {
    Box::pin(async move {
        pause().await;
        x + by
    })
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[parallelize(over = x, try_collect)]
fn named<'a>(x: u32, by: &'a u32) -> BoxFuture<'a, Option<u32>> {
    Box::pin(async move { x.checked_sub(*by) })
}

#[parallelize(over = p)]
async unsafe fn dangerous(p: u32) -> u32 {
    pause().await;
    p
}

// It calls its own parallel function.
#[parallelize(over = url)]
async fn crawl(url: u32, last: &u32) -> u32 {
    pause().await;
    if url > *last {
        return 1;
    }
    1 + crawl_parallel(vec![2 * url, 2 * url + 1], last).await.into_iter().sum::<u32>()
}

#[test]
fn other_forms() {
    spawn(async {
        assert_eq!(desugared_parallel(vec![1], &2).await, [3]);
        assert_eq!(desugared_parallel_iter(vec![1], &2).collect::<Vec<_>>().await, [3]);
        assert_eq!(boxed_parallel(vec![1], &2).await, [3]);
        assert_eq!(boxed_parallel_iter(vec![1], &2).collect::<Vec<_>>().await, [3]);
        assert_eq!(named_parallel(vec![3, 1], &2).await, None);
        assert_eq!(unsafe { dangerous_parallel(vec![1]) }.await, [1]);
        assert_eq!(unsafe { dangerous_parallel_iter(vec![1]) }.collect::<Vec<_>>().await, [1]);
        assert_eq!(crawl(1, &30).await, 61);
    });
}

#[derive(Clone)]
pub struct Model<T> {
    gain: T,
}

impl<T: Clone + Into<f64> + Send + Sync> Model<T> {
    #[parallelize(over = x)]
    pub async fn eval(&self, x: f64, bias: f64) -> f64 {
        pause().await;
        self.gain.clone().into() * x + bias
    }

    #[parallelize(over = x)]
    pub async fn consume(self, x: f64) -> (Self, f64) {
        pause().await;
        (self, x)
    }

    #[parallelize(over = key)]
    pub async fn field(&self, key: &str) -> &T {
        pause().await;
        assert_eq!(key, "gain");
        &self.gain
    }

    #[parallelize(over = x, call = Self::half)]
    async fn half(x: f64) -> f64 {
        pause().await;
        x / 2.0
    }
}

trait Fetch: Sync {
    #[parallelize(over = url)]
    fn get(&self, url: &str) -> impl Future<Output = String> + Send;

    #[parallelize(over = url)]
    fn twice(&self, url: &str, by: &str) -> impl Future<Output = String> + Send {
        let (first, second) = (self.get(url), self.get(by));
        async { first.await + &second.await }
    }
}

#[allow(async_fn_in_trait)]
trait FetchHere {
    #[parallelize(over = url, local)]
    async fn here(&self, url: &str, count: &Cell<u32>) -> Rc<String>;
}

trait FetchDyn: Sync {
    #[parallelize(over = url)]
    fn boxed<'a>(&'a self, url: &'a str) -> Pin<Box<dyn Future<Output = String> + Send + 'a>>;
}

struct Echo;

impl Fetch for Echo {
    // The crates of editions 2018 and 2021 check that these features do not depend on the edition.
    async fn get(&self, url: &str) -> String {
        pause().await;
        url.to_uppercase()
    }
}

impl FetchHere for Echo {
    async fn here(&self, url: &str, count: &Cell<u32>) -> Rc<String> {
        pause().await;
        count.set(count.get() + 1);
        Rc::new(url.to_uppercase())
    }
}

impl FetchDyn for Echo {
    fn boxed<'a>(&'a self, url: &'a str) -> Pin<Box<dyn Future<Output = String> + Send + 'a>> {
        Box::pin(async move {
            pause().await;
            url.to_uppercase()
        })
    }
}

async fn generic<T: Fetch>(fetch: &T) -> Vec<String> {
    let urls = vec!["a", "b"];
    fetch.get_parallel(urls).await
}

#[test]
fn methods_and_traits() {
    spawn(async {
        let model = Model { gain: 2.0_f32 };
        assert_eq!(model.eval_parallel(vec![1.0], 0.5).await, [2.5]);
        assert_eq!(model.eval_parallel_iter(vec![1.0], 0.5).collect::<Vec<_>>().await, [2.5]);
        assert_eq!(model.clone().consume_parallel(vec![1.0]).await[0].1, 1.0);
        assert_eq!(model.field_parallel(vec!["gain"]).await, [&2.0]);
        assert_eq!(Model::<f32>::half_parallel(vec![1.0]).await, [0.5]);
        assert_eq!(Echo.get_parallel(vec!["a"]).await, ["A"]);
        let urls = vec![String::from("a")];
        assert_eq!(Echo.get_parallel_iter(urls.iter().map(String::as_str)).collect::<Vec<_>>().await, ["A"]);
        assert_eq!(Echo.twice_parallel(vec!["a"], "b").await, ["AB"]);
        assert_eq!(FetchDyn::boxed_parallel(&Echo, vec!["a"]).await, ["A"]);
    });
    assert_eq!(block_on(generic(&Echo)), ["A", "B"]);
    let _: Option<&dyn FetchDyn> = None;
}

#[parallelize(over = x, local)]
async fn local(x: u32, counted: Rc<u32>, cell: &Cell<u32>) -> Rc<u32> {
    let held = Rc::clone(&counted);
    pause().await;
    cell.set(cell.get() + 1);
    Rc::new(x + *held)
}

#[parallelize(over = x, local, try_collect)]
async fn local_generic<T, E>(x: T, by: impl Fn(T) -> Result<Rc<T>, Rc<E>> + Clone) -> Result<Rc<T>, Rc<E>> {
    pause().await;
    by(x)
}

#[test]
fn local_functions() {
    let (counted, cell) = (Rc::new(1), Cell::new(0));
    let results = block_on(local_parallel(vec![1, 2], counted.clone(), &cell));
    assert_eq!((*results[0], *results[1], cell.get()), (2, 3, 2));
    let results = block_on(local_parallel_iter(vec![1, 2], counted, &cell).collect::<Vec<_>>());
    assert_eq!((results.len(), cell.get()), (2, 4));
    let text = block_on(local_generic_parallel(vec!["a"], |text| Ok::<_, Rc<u8>>(Rc::new(text))));
    assert_eq!(text, Ok(vec![Rc::new("a")]));
    let cell = Cell::new(0);
    assert_eq!(*block_on(Echo.here_parallel(vec!["a"], &cell))[0], "A");
    assert_eq!(block_on(Echo.here_parallel_iter(vec!["a"], &cell).collect::<Vec<_>>()).len(), 1);
}
