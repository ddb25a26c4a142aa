//! Decides how times are compared: contenders take turns in one process, and each is held against the loop of the same round.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// One step of work that the compiler can neither leave out nor run side by side with the next.
#[inline]
pub fn steps(seed: u64, count: u64) -> u64 {
    let mut x = seed;
    for _ in 0..count {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    }
    x
}

/// How many steps take a microsecond here: the most of several tries, for other programs only take away.
pub fn steps_per_micro() -> f64 {
    let try_once = || {
        let start = Instant::now();
        black_box(steps(black_box(1), 2_000_000));
        2_000_000.0 / start.elapsed().as_secs_f64() / 1e6
    };
    (0..50).map(|_| try_once()).fold(0.0, f64::max)
}

/// What a contender does in one turn.
pub type Turn<'a> = Box<dyn FnMut() + 'a>;

/// Contenders for the same job; the first is the serial loop.
pub struct Race<'a> {
    pub turns: Vec<(&'static str, Turn<'a>)>,
    /// The thread sleeps so long before each turn.
    pub pause: Duration,
    pub rounds: usize,
}

/// Times of one contender.
pub struct Times {
    pub name: &'static str,
    /// Seconds, a round each.
    pub seconds: Vec<f64>,
    /// The loop's time by this one's, a round each.
    pub ratios: Vec<f64>,
}

impl Times {
    pub fn median(&self) -> f64 {
        quantile(&self.ratios, 0.5)
    }

    pub fn p10(&self) -> f64 {
        quantile(&self.ratios, 0.1)
    }
}

pub fn quantile(values: &[f64], at: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(((sorted.len().max(1) - 1) as f64 * at).round() as usize).copied().unwrap_or(f64::NAN)
}

impl Race<'_> {
    pub fn run(mut self) -> Vec<Times> {
        let count = self.turns.len();
        let mut seconds = vec![Vec::new(); count];
        // The first two rounds warm up caches and memories.
        for round in 0..self.rounds + 2 {
            for turn in 0..count {
                let index = (turn + round) % count;
                if !self.pause.is_zero() {
                    thread::sleep(self.pause);
                }
                let start = Instant::now();
                (self.turns[index].1)();
                let time = start.elapsed().as_secs_f64();
                if round >= 2 {
                    seconds[index].push(time);
                }
            }
        }
        let serial = seconds[0].clone();
        let times = self.turns.iter().zip(seconds).map(|((name, _), seconds)| {
            let ratios = serial.iter().zip(&seconds).map(|(serial, time)| serial / time).collect();
            Times { name, seconds, ratios }
        });
        times.collect()
    }
}

/// A second thread that stands by, spinning, so that nothing but the work itself is left to pay: the limit of what two threads can do.
pub struct Partner {
    /// Steps for the partner; it spins while there are none.
    order: Arc<AtomicU64>,
    done: Arc<AtomicUsize>,
    awake: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl Partner {
    pub fn new() -> Self {
        let (order, done, awake) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let thread = thread::spawn({
            let (order, done, awake) = (order.clone(), done.clone(), awake.clone());
            move || loop {
                while !awake.load(Ordering::Acquire) {
                    thread::park();
                }
                while awake.load(Ordering::Acquire) {
                    let count = order.swap(0, Ordering::Acquire);
                    if count > 0 {
                        black_box(steps(black_box(1), count));
                        done.fetch_add(1, Ordering::Release);
                    }
                    std::hint::spin_loop();
                }
            }
        });
        Partner { order, done, awake, thread }
    }

    /// How many times faster two threads are than one at so many steps, in pieces of `piece`.
    pub fn limit(&self, total: u64, rounds: usize) -> f64 {
        self.awake.store(true, Ordering::Release);
        self.thread.thread().unpark();
        thread::sleep(Duration::from_millis(1));
        let mut ratios = Vec::new();
        for _ in 0..rounds {
            let start = Instant::now();
            black_box(steps(black_box(1), total));
            let alone = start.elapsed().as_secs_f64();
            let before = self.done.load(Ordering::Acquire);
            let start = Instant::now();
            self.order.store(total / 2, Ordering::Release);
            black_box(steps(black_box(1), total - total / 2));
            while self.done.load(Ordering::Acquire) == before {
                std::hint::spin_loop();
            }
            ratios.push(alone / start.elapsed().as_secs_f64());
        }
        self.awake.store(false, Ordering::Release);
        quantile(&ratios, 0.5)
    }
}
