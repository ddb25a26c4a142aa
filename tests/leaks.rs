//! Calls of every kind leave no memory behind, and hold no more than they must.
//!
//! A program of its own, because it counts every byte that is allocated.

use parallelize::{CancelToken, map, parallelize};
use std::alloc::{GlobalAlloc, Layout, System};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes that are allocated now.
static ALIVE: AtomicIsize = AtomicIsize::new(0);

/// Maximum number of bytes that were allocated at a time.
static PEAK: AtomicIsize = AtomicIsize::new(0);

/// Held by one test at a time, because all allocations of the process are counted.
static TURN: Mutex<()> = Mutex::new(());

struct Counting;

fn count(bytes: usize, sign: isize) {
    let bytes = sign * isize::try_from(bytes).expect("an allocation");
    let alive = ALIVE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    if sign > 0 {
        PEAK.fetch_max(alive, Ordering::Relaxed);
    }
}

// SAFETY: every method passes its arguments on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(layout.size(), -1);
        count(size, 1);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The number of items of a call.
const ITEMS: usize = 2_000;

/// The item that fails.
const FAILS_AT: usize = ITEMS - 200;

fn spin(micros: u64) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
}

/// A result that owns memory.
#[parallelize(over = x)]
fn text(x: usize, micros: u64) -> String {
    spin(micros);
    x.to_string().repeat(8)
}

/// A large result that owns none.
#[parallelize(over = x)]
fn block(x: usize, micros: u64) -> [usize; 8] {
    spin(micros);
    [x; 8]
}

#[parallelize(over = x)]
fn checked(x: usize, micros: u64, fails_at: usize) -> Result<String, String> {
    spin(micros);
    let text = x.to_string().repeat(8);
    if x == fails_at { Err(text) } else { Ok(text) }
}

#[parallelize(over = x)]
fn panicking(x: usize, micros: u64, panics_at: usize) -> String {
    spin(micros);
    assert!(x != panics_at, "item {x}");
    x.to_string().repeat(8)
}

#[parallelize(over = x)]
fn cancelling(x: usize, micros: u64, token: &CancelToken) -> String {
    spin(micros);
    if x == FAILS_AT {
        token.cancel();
    }
    x.to_string().repeat(8)
}

#[parallelize(over = line, per_thread(buffer = String::new()), per_item(index = |i| i))]
fn stateful(line: &str, buffer: &mut String, index: usize) -> Option<String> {
    spin(2);
    buffer.clear();
    buffer.push_str(line);
    (index % 3 != 0).then(|| buffer.clone())
}

#[parallelize(over = zip(x, y))]
fn zipped(x: String, y: usize) -> String {
    spin(2);
    x + &y.to_string()
}

#[parallelize(over = product(x, y))]
#[allow(clippy::needless_pass_by_value)] // Each combination gets a clone.
fn crossed(x: String, y: String) -> String {
    spin(2);
    x + &y
}

fn strings() -> impl Iterator<Item = String> + Send {
    (0..ITEMS).map(|x| x.to_string().repeat(4))
}

fn channel() -> mpsc::IntoIter<usize> {
    let (sender, receiver) = mpsc::channel();
    (0..ITEMS).for_each(|x| sender.send(x).expect("a receiver"));
    receiver.into_iter()
}

type Call = Box<dyn Fn() + Send + Sync>;

/// Every kind of call, by name.
fn calls() -> Vec<(&'static str, Call)> {
    let unknown = || (0..ITEMS).filter(|x| *x != 7);
    let lines = "a line of text\n".repeat(ITEMS);
    let caught = |call: &dyn Fn()| drop(catch_unwind(AssertUnwindSafe(call)));
    vec![
        ("range, eager", Box::new(|| drop(text_parallel(0..ITEMS, 2)))),
        ("vector, eager", Box::new(|| drop(text_parallel((0..ITEMS).collect::<Vec<_>>(), 2)))),
        ("filter, eager", Box::new(move || drop(block_parallel(unknown(), 2)))),
        ("filter, eager, owned", Box::new(move || drop(text_parallel(unknown(), 2)))),
        ("flat_map", Box::new(|| drop(block_parallel((0..40).flat_map(|x| x..x + 50), 2)))),
        ("channel", Box::new(|| drop(block_parallel(channel(), 2)))),
        ("lines, states, skip_none", {
            let lines = lines.clone();
            Box::new(move || drop(stateful_parallel_iter(lines.lines()).skip_none().collect::<Vec<_>>()))
        }),
        ("lines, states, streamed", Box::new(move || stateful_parallel_iter(lines.lines()).for_each(drop))),
        ("zip", Box::new(|| drop(zipped_parallel(strings(), 0..ITEMS)))),
        ("product", Box::new(|| drop(crossed_parallel(strings().take(40), strings().take(40))))),
        (
            "threads beyond the pool",
            Box::new(move || drop(block_parallel_iter(unknown(), 2).threads(5).collect::<Vec<_>>())),
        ),
        ("collect_into_vec", Box::new(move || text_parallel_iter(unknown(), 2).collect_into_vec(&mut Vec::new()))),
        ("stream", Box::new(move || text_parallel_iter(unknown(), 2).for_each(drop))),
        ("stream, left early", Box::new(|| drop(text_parallel_iter(0.., 2).into_iter().nth(ITEMS)))),
        (
            "stream, sink fails",
            Box::new(|| {
                text_parallel_iter(0.., 2)
                    .try_for_each(|text| if text.len() < 24 { Ok(()) } else { Err(text) })
                    .unwrap_err();
            }),
        ),
        (
            "error, eager",
            Box::new(move || {
                checked_parallel_iter(unknown(), 2, FAILS_AT).try_collect::<Vec<_>>().unwrap_err();
            }),
        ),
        ("errors, all kept", Box::new(move || drop(checked_parallel(unknown(), 2, FAILS_AT)))),
        ("panic, eager", Box::new(move || caught(&|| drop(panicking_parallel(unknown(), 2, FAILS_AT))))),
        ("panic, streamed", Box::new(move || caught(&|| panicking_parallel_iter(0.., 2, FAILS_AT).for_each(drop)))),
        (
            "panics caught",
            Box::new(move || {
                drop(panicking_parallel_iter(unknown(), 2, FAILS_AT).catch_panics().collect::<Vec<_>>());
            }),
        ),
        (
            "cancelled",
            Box::new(|| {
                let token = CancelToken::new();
                cancelling_parallel_iter(0.., 2, &token).cancel_with(&token).collect::<Vec<_>>().unwrap_err();
            }),
        ),
        ("closure", Box::new(move || drop(map(unknown(), |x| text(x, 2)).collect::<Vec<_>>()))),
        ("match", Box::new(|| drop(text_parallel_iter(0.., 2).find(|text| text.len() > 24)))),
        ("match of a vector", Box::new(|| drop(map(strings().collect::<Vec<_>>(), Some).find(Option::is_none)))),
        ("place of a match", {
            Box::new(|| {
                let calls = map(0.., |x| (x % 3 > 0).then(|| text(x, 2))).skip_none();
                assert!(calls.position(|text| text.len() > 24).is_some());
            })
        }),
        (
            "timed out",
            Box::new(|| {
                text_parallel_iter(0.., 2).timeout(Duration::from_millis(2)).collect::<Vec<_>>().unwrap_err();
            }),
        ),
    ]
}

/// Keeps all threads of the global pool busy while `work` runs.
fn with_a_busy_pool(work: impl FnOnce()) {
    let threads = rayon::current_num_threads();
    let (done, started) = (Arc::new(AtomicBool::new(false)), Arc::new(Barrier::new(threads + 1)));
    for _ in 0..threads {
        let (done, started) = (Arc::clone(&done), Arc::clone(&started));
        rayon::spawn(move || {
            started.wait();
            while !done.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(1));
            }
        });
    }
    started.wait();
    work();
    done.store(true, Ordering::Relaxed);
}

/// The pool does not get to the jobs of calls, so they must not pile up in its queue.
fn check_a_busy_pool(leaks: &mut Vec<String>) {
    with_a_busy_pool(|| {
        let calls = |count| (0..count).for_each(|_| assert_eq!(text_parallel(0..4, 40).len(), 4));
        calls(100);
        let before = ALIVE.load(Ordering::SeqCst);
        calls(2_000);
        let grown = ALIVE.load(Ordering::SeqCst) - before;
        // The queue of rayon itself has blocks of jobs.
        if grown > 8_192 {
            leaks.push(format!("2,000 calls of a busy pool: {grown} bytes"));
        }
    });
}

#[test]
fn no_call_leaves_memory_behind() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a small pool");
    let mut leaks = Vec::new();
    for (name, call) in calls() {
        // Worker threads free what they have when they get to it, so a reading may be too high, and
        // never too low. What a leak adds, it adds in each round.
        let lowest = |rounds: usize| {
            let readings = (0..rounds).map(|_| {
                pool.install(&call);
                call();
                ALIVE.load(Ordering::SeqCst)
            });
            readings.min().expect("a round")
        };
        lowest(6);
        // A queue that grows once is not a leak, so each reading must be higher than the last.
        let readings: Vec<_> = (0..5).map(|_| lowest(6)).collect();
        if readings.is_sorted_by(|before, after| before < after) {
            leaks.push(format!("{name}: {} bytes in 24 rounds", readings[4] - readings[0]));
        }
    }
    check_a_busy_pool(&mut leaks);
    std::panic::set_hook(hook);
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

/// Keeps one item of a thousand.
#[parallelize(over = x, skip_none)]
fn rare(x: usize, micros: u64) -> Option<(String, [usize; 8])> {
    spin(micros);
    (x % 1_000 == 0).then(|| (x.to_string(), [x; 8]))
}

/// Returns the number of bytes by which `call` exceeds what was allocated before it.
fn peak<R>(call: impl FnOnce() -> R) -> isize {
    let before = ALIVE.load(Ordering::SeqCst);
    PEAK.store(before, Ordering::SeqCst);
    drop(call());
    PEAK.load(Ordering::SeqCst) - before
}

/// Memory of a call that does not depend on the number of its results: what its threads share, and
/// the items that they have pulled.
const MAX_OVERHEAD_BYTES: isize = 256 * 1024;

/// The number of items of a call that keeps few results.
const MANY: usize = 100_000;

/// A call by name, which returns the most bytes that it has held.
type Peak<'a> = (&'a str, Box<dyn Fn() -> isize + 'a>);

#[test]
fn a_call_with_skip_none_holds_only_the_results_that_there_are() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let unknown = || (0..MANY).filter(|x| *x != 7);
    let serial = peak(|| (0..MANY).filter_map(|x| rare(x, 0)).collect::<Vec<_>>());
    let token = CancelToken::new();
    let peaks: [Peak; 7] = [
        ("alone", Box::new(|| peak(|| rare_parallel_iter(0..MANY, 0).threads(1).collect::<Vec<_>>()))),
        ("cheap", Box::new(|| peak(|| rare_parallel(0..MANY, 0)))),
        ("cheap, filter", Box::new(|| peak(|| rare_parallel(unknown(), 0)))),
        ("shared", Box::new(|| peak(|| rare_parallel_iter(0..MANY, 1).threads(2).collect::<Vec<_>>()))),
        ("shared, filter", Box::new(|| peak(|| rare_parallel_iter(unknown(), 1).threads(2).collect::<Vec<_>>()))),
        (
            "shared, may be stopped",
            Box::new(|| peak(|| rare_parallel_iter(0..MANY, 1).threads(2).cancel_with(&token).collect::<Vec<_>>())),
        ),
        (
            "shared, into a vector",
            Box::new(|| peak(|| rare_parallel_iter(0..MANY, 1).threads(2).collect_into_vec(&mut Vec::new()))),
        ),
    ];
    // The first call starts threads.
    drop(text_parallel(0..ITEMS, 2));
    for (name, peak) in &peaks {
        let ours = peak();
        assert!(ours <= serial + MAX_OVERHEAD_BYTES, "{name}: {ours} bytes, the serial loop {serial}");
    }
}

#[test]
fn a_search_holds_no_results() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let unknown = || (0..MANY).filter(|x| *x != 7);
    let is_last = |block: &[usize; 8]| block[0] == MANY - 1;
    let block = |micros| move |x| block(x, micros);
    let peaks: [Peak; 6] = [
        ("alone", Box::new(|| peak(|| map(0..MANY, block(0)).threads(1).find(is_last)))),
        ("cheap, filter", Box::new(|| peak(|| map(unknown(), block(0)).find(is_last)))),
        ("shared", Box::new(|| peak(|| map(0..MANY, block(1)).threads(2).find(is_last)))),
        ("shared, filter", Box::new(|| peak(|| map(unknown(), block(1)).threads(2).find(is_last)))),
        ("position", Box::new(|| peak(|| map(0..MANY, block(1)).threads(2).position(|block| is_last(&block))))),
        ("position of some", {
            let some = |x| Some(x).filter(|x| x % 2 == 1).map(block(1));
            Box::new(move || peak(|| map(unknown(), some).skip_none().threads(2).position(|block| is_last(&block))))
        }),
    ];
    // The first call starts threads.
    drop(text_parallel(0..ITEMS, 2));
    for (name, peak) in &peaks {
        let ours = peak();
        assert!(ours <= MAX_OVERHEAD_BYTES, "{name}: {ours} bytes");
    }
}
