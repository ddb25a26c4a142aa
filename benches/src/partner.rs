//! Threads that already spin: the attainable limit of the machine, and the load of a busy core.

use crate::harness::{quantile, steps};
use std::hint::{black_box, spin_loop};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// Threads that spin until there is work. They measure the limit of the machine: the speed-up of
/// all cores with the least possible overhead.
pub struct Partner {
    shared: Arc<Shared>,
    threads: Vec<thread::JoinHandle<()>>,
}

struct Shared {
    /// Number of steps for each partner to run. A partner spins while its number is 0.
    orders: Vec<AtomicU64>,
    /// Number of orders that are complete.
    done: AtomicUsize,
    /// Whether the partners spin. Otherwise they sleep.
    awake: AtomicBool,
}

impl Partner {
    /// Starts one partner per core, except for the core of the calling thread.
    pub fn new(cores: usize) -> Self {
        let orders = (1..cores).map(|_| AtomicU64::new(0)).collect();
        let shared = Arc::new(Shared { orders, done: AtomicUsize::new(0), awake: AtomicBool::new(false) });
        let work = |index: usize| {
            let shared = shared.clone();
            move || loop {
                while !shared.awake.load(Ordering::Acquire) {
                    thread::park();
                }
                while shared.awake.load(Ordering::Acquire) {
                    let count = shared.orders[index].swap(0, Ordering::Acquire);
                    if count > 0 {
                        black_box(steps(black_box(1), count));
                        shared.done.fetch_add(1, Ordering::Release);
                    }
                    spin_loop();
                }
            }
        };
        let threads = (1..cores).map(|core| thread::spawn(work(core - 1))).collect();
        Partner { shared, threads }
    }

    /// Measures the speed-up of all cores over one core for `total` steps.
    ///
    /// The result is the best of at least three tries, because other programs can only slow a try
    /// down. If it is below 90% of the number of cores, a partner shared its core with another
    /// program, and there are up to ten tries.
    pub fn limit(&self, total: u64) -> f64 {
        // Every total takes about the same time. Above 20 ms, the limit no longer changes.
        let total = total.clamp(1, 150_000_000);
        let rounds = (400_000_000 / total).clamp(5, 301);
        self.best_of(10, 3, total, rounds)
    }

    /// Measures the same as [`limit`](Self::limit) in about a second. The result is at least 1,
    /// because one thread reaches that alone.
    pub fn quick_limit(&self, total: u64) -> f64 {
        let total = total.clamp(1, 150_000_000);
        self.best_of(6, 1, total, (400_000_000 / total).clamp(5, 51)).max(1.0)
    }

    fn best_of(&self, max_tries: usize, min_tries: usize, total: u64, rounds: u64) -> f64 {
        let plausible = 0.9 * (1 + self.threads.len()) as f64;
        let mut best: f64 = 0.0;
        for tries in 1..=max_tries {
            best = best.max(self.try_limit(total, rounds));
            if tries >= min_tries && best >= plausible {
                break;
            }
        }
        best
    }

    fn try_limit(&self, total: u64, rounds: u64) -> f64 {
        self.shared.awake.store(true, Ordering::Release);
        self.threads.iter().for_each(|thread| thread.thread().unpark());
        // Run for some milliseconds, so that all threads are awake and each is on a different core.
        self.together(60_000_000);
        let mut ratios = Vec::new();
        for _ in 0..rounds {
            let start = Instant::now();
            black_box(steps(black_box(1), total));
            let alone = start.elapsed().as_secs_f64();
            ratios.push(alone / self.together(total));
        }
        self.shared.awake.store(false, Ordering::Release);
        quantile(&ratios, 0.5)
    }

    /// Measures the seconds that all cores together take for `total` steps.
    fn together(&self, total: u64) -> f64 {
        let share = (total / (1 + self.threads.len() as u64)).max(1);
        let before = self.shared.done.load(Ordering::Acquire);
        let start = Instant::now();
        self.shared.orders.iter().for_each(|order| order.store(share, Ordering::Release));
        black_box(steps(black_box(1), total - share * self.threads.len() as u64));
        while self.shared.done.load(Ordering::Acquire) < before + self.threads.len() {
            spin_loop();
        }
        start.elapsed().as_secs_f64()
    }
}

/// A thread of normal priority that keeps one core busy until the load is dropped.
pub struct Load {
    is_wanted: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Load {
    pub fn start() -> Self {
        let is_wanted = Arc::new(AtomicBool::new(true));
        let flag = is_wanted.clone();
        let spin = move || {
            while flag.load(Ordering::Relaxed) {
                black_box(steps(black_box(1), 1000));
            }
        };
        Load { is_wanted, thread: Some(thread::spawn(spin)) }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.is_wanted.store(false, Ordering::Relaxed);
        self.thread.take().map(thread::JoinHandle::join);
    }
}
