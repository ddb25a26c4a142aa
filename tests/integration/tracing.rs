//! tracing: a call is one span on all its threads, which contains the events of its items.
//!
//! At its end the call reports its duration, items, worker threads, and their idle time.

use parallelize::parallelize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::subscriber::with_default;
use tracing::{Event, Id, Level, Subscriber, info, info_span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry, Scope};

pub(crate) type Fields = BTreeMap<&'static str, String>;

/// A logged event.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    message: String,
    pub(crate) fields: Fields,
    /// The names of the surrounding spans, the outermost first.
    pub(crate) spans: Vec<&'static str>,
    thread: ThreadId,
}

/// A layer that records events, and the fields of spans.
#[derive(Clone, Default)]
pub(crate) struct Log {
    level: Option<Level>,
    entries: Arc<Mutex<Vec<Entry>>>,
    calls: Arc<Mutex<HashMap<u64, Fields>>>,
}

struct Record<'fields>(&'fields mut Fields);

impl Visit for Record<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        self.level.is_none_or(|level| *metadata.level() <= level)
    }

    fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, id: &Id, _: Context<'_, S>) {
        attributes.record(&mut Record(self.calls().entry(id.into_u64()).or_default()));
    }

    fn on_record(&self, id: &Id, values: &tracing::span::Record<'_>, _: Context<'_, S>) {
        values.record(&mut Record(self.calls().entry(id.into_u64()).or_default()));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Record(&mut fields));
        let message = fields.remove("message").unwrap_or_default();
        let spans = context.event_scope(event).into_iter().flat_map(Scope::from_root);
        let spans = spans.map(|span| span.name()).collect();
        let entry = Entry { message, fields, spans, thread: thread::current().id() };
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }
}

impl Log {
    pub(crate) fn of<R>(level: Option<Level>, work: impl FnOnce() -> R) -> (Self, R) {
        let log = Log { level, ..Log::default() };
        let result = with_default(Registry::default().with(log.clone()), work);
        (log, result)
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<u64, Fields>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the events with this message.
    pub(crate) fn by(&self, message: &str) -> Vec<Entry> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().filter(|entry| entry.message == message).cloned().collect()
    }

    /// Returns the number of threads that logged this message.
    fn threads_of(&self, message: &str) -> usize {
        self.by(message).iter().map(|entry| entry.thread).collect::<HashSet<_>>().len()
    }

    /// Returns the fields of the spans of all calls of this function.
    fn calls_of(&self, function: &str) -> Vec<Fields> {
        let path = format!("{:?}", format!("{}::{function}", module_path!()));
        self.calls().values().filter(|fields| fields.get("function") == Some(&path)).cloned().collect()
    }
}

/// Waits until another thread runs an item as well.
///
/// With 64 threads the call uses the crew, because the global pool may be busy.
#[parallelize(over = n, threads = 64)]
fn meet(n: usize, both: &Barrier) -> usize {
    both.wait();
    info!("met");
    n
}

#[test]
fn a_call_is_a_span_on_all_its_threads() {
    let (log, met) = Log::of(None, || {
        let _around = info_span!("around").entered();
        meet_parallel(0..8, &Barrier::new(2))
    });
    assert_eq!(met, (0..8).collect::<Vec<_>>());
    let entries = log.by("met");
    assert_eq!(entries.len(), 8);
    assert!(entries.iter().all(|entry| entry.spans == ["around", "call"]), "{entries:?}");
    assert!(log.threads_of("met") >= 2);
    let calls = log.calls_of("meet");
    assert_eq!(calls.len(), 1);
    // At most one thread per item.
    assert_eq!((&*calls[0]["items"], &*calls[0]["threads"]), ("8", "8"));
}

#[test]
fn the_surrounding_span_reaches_workers_if_the_span_of_the_call_is_disabled() {
    let (log, _) = Log::of(Some(Level::INFO), || {
        let _around = info_span!("around").entered();
        meet_parallel(0..8, &Barrier::new(2))
    });
    let entries = log.by("met");
    assert_eq!(entries.len(), 8);
    assert!(entries.iter().all(|entry| entry.spans == ["around"]), "{entries:?}");
    assert!(log.threads_of("met") >= 2);
    assert!(log.by("the call has ended").is_empty());
}

#[test]
fn the_end_of_a_call_is_reported() {
    let (log, _) = Log::of(None, || meet_parallel(0..8, &Barrier::new(2)));
    let ends = log.by("the call has ended");
    assert_eq!(ends.len(), 1);
    let Entry { fields, spans, .. } = &ends[0];
    assert_eq!(spans, &["call"]);
    assert_eq!((&*fields["items"], &*fields["panicked"]), ("8", "false"));
    let workers: usize = fields["workers"].parse().expect("a number");
    assert!((1..=8).contains(&workers), "{workers} of 63 workers ran 8 items");
    assert_eq!(
        fields.keys().copied().collect::<BTreeSet<_>>(),
        ["elapsed", "function", "idle", "items", "panicked", "workers"].into()
    );
}

#[test]
fn a_waiting_worker_is_idle() {
    #[parallelize(over = _n, threads = 64)]
    fn keep_waiting(_n: usize, both: &Barrier, caller: ThreadId) {
        both.wait();
        if thread::current().id() == caller {
            thread::sleep(Duration::from_millis(60));
        }
    }
    let (log, ()) = Log::of(None, || keep_waiting_parallel([0, 1], &Barrier::new(2), thread::current().id()));
    let fields = &log.by("the call has ended")[0].fields;
    assert_eq!(fields["workers"], "1");
    let idle: f64 = fields["idle"].strip_suffix("ms").and_then(|idle| idle.parse().ok()).expect("milliseconds");
    assert!((50.0..1_000.0).contains(&idle), "{fields:?}");
}

#[parallelize(over = n, try_collect)]
fn even(n: u64, divisor: u64) -> Result<u64, String> {
    if n.is_multiple_of(2) { Ok(n / divisor) } else { Err(format!("{n} is odd")) }
}

#[test]
fn an_error_also_ends_a_call() {
    let (log, result) = Log::of(None, || even_parallel([2, 4, 6, 7, 8], 1));
    assert_eq!(result, Err(String::from("7 is odd")));
    let ends = log.by("the call has ended");
    assert_eq!(ends.len(), 1);
    let items: usize = ends[0].fields["items"].parse().expect("a number");
    assert!((3..=4).contains(&items), "three items before the error, and perhaps the one after it: {items}");
}

#[test]
fn a_panic_also_ends_a_call() {
    #[parallelize]
    fn third(n: u64) -> u64 {
        assert!(n < 3, "too large");
        n
    }
    let (log, caught) = Log::of(None, || std::panic::catch_unwind(|| third_parallel(0..10)));
    assert!(caught.is_err());
    let ends = log.by("the call has ended");
    assert_eq!(ends.len(), 1);
    assert_eq!((&*ends[0].fields["panicked"], &*ends[0].fields["items"]), ("true", "3"));
}

#[test]
fn a_stream_is_one_call() {
    #[parallelize]
    fn square(n: u64) -> u64 {
        info!("squared");
        n * n
    }
    for threads in [1, 2] {
        let (log, sum) = Log::of(None, || square_parallel_iter(0..1_000).threads(threads).into_iter().sum::<u64>());
        assert_eq!(sum, 332_833_500);
        let ends = log.by("the call has ended");
        assert_eq!(ends.len(), 1, "on {threads} threads");
        assert_eq!(ends[0].fields["items"], "1000");
        assert_eq!(log.calls_of("square").len(), 1);
        let entries = log.by("squared");
        assert_eq!(entries.len(), 1_000);
        assert!(entries.iter().all(|entry| entry.spans == ["call"]));
    }
}

#[test]
fn a_call_in_a_call_is_a_span_in_its_span() {
    #[parallelize]
    fn inner(n: u64) -> u64 {
        info!("inner");
        n
    }
    #[parallelize]
    fn outer(n: u64) -> u64 {
        inner_parallel(0..n).into_iter().sum()
    }
    let (log, sums) = Log::of(None, || outer_parallel(0..20));
    assert_eq!(sums[19], 171);
    assert!(log.by("inner").iter().all(|entry| entry.spans == ["call", "call"]));
    assert_eq!(log.by("inner").len(), 190);
}

/// A layer that panics when a worker thread enters a span.
struct PanicsOnWorkers(ThreadId);

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for PanicsOnWorkers {
    fn on_enter(&self, _: &Id, _: Context<'_, S>) {
        assert_eq!(thread::current().id(), self.0, "the subscriber panics");
    }
}

#[test]
fn a_subscriber_that_panics_on_a_worker_thread_is_a_panic_of_the_call() {
    let panicked = || std::panic::catch_unwind(|| late_parallel_iter(0..64, 2).threads(64).collect::<Vec<_>>());
    let subscriber = Registry::default().with(PanicsOnWorkers(thread::current().id()));
    let result = with_default(subscriber, panicked);
    let payload = result.expect_err("the subscriber panics on each worker thread");
    assert!(payload.downcast_ref::<String>().is_some_and(|text| text.contains("the subscriber panics")));
}

/// Takes long enough for worker threads to arrive.
#[parallelize(over = x)]
fn late(x: u64, millis: u64) -> u64 {
    thread::sleep(Duration::from_millis(millis));
    x
}
