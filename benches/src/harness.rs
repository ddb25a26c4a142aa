//! Decides how times are compared: contenders take turns in one process, and each is held against the loop of the same round.

use crate::contenders::Contender;
use std::hint::{black_box, spin_loop};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Steps of work that the compiler can neither leave out nor run side by side; it folds several into one, everywhere alike.
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

/// How often, and after what rest, contenders take their turns.
#[derive(Clone, Copy)]
pub struct Pace {
    /// Calls a turn, so that a turn is long beside the clock.
    pub repeat: usize,
    /// The thread sleeps so long before each turn.
    pub pause: Duration,
    pub rounds: usize,
}

/// Times of one contender.
pub struct Times {
    pub name: &'static str,
    /// Seconds a call, a round each.
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

/// Times every contender, the first of which is the loop, at each of the inputs, which follow each other within its turn.
pub fn race<T: PartialEq>(contenders: &[Contender<T>], inputs: &[&[T]], pace: Pace) -> Vec<Vec<Times>> {
    for input in inputs {
        let expected = (contenders[0].call)(input);
        for contender in contenders {
            assert!((contender.call)(input) == expected, "{} has other results than the loop", contender.name);
        }
    }
    let mut seconds = vec![vec![Vec::new(); contenders.len()]; inputs.len()];
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let mut random = 1_u64;
    // The first two rounds warm up caches and memories.
    for round in 0..pace.rounds + 2 {
        // Another order each time: who comes after one that leaves its threads awake would have them awake for nothing.
        for last in (1..order.len()).rev() {
            random = steps(random, 1);
            order.swap(last, (random >> 33) as usize % (last + 1));
        }
        for &index in &order {
            let call = &contenders[index].call;
            if !pace.pause.is_zero() {
                thread::sleep(pace.pause);
            }
            for (input, seconds) in inputs.iter().zip(&mut seconds) {
                let start = Instant::now();
                for _ in 0..pace.repeat {
                    black_box(call(black_box(input)));
                }
                let time = start.elapsed().as_secs_f64();
                if round >= 2 {
                    seconds[index].push(time / pace.repeat as f64);
                }
            }
        }
    }
    let times = |seconds: Vec<Vec<f64>>| {
        let serial = seconds[0].clone();
        let of_one = |(contender, seconds): (&Contender<T>, Vec<f64>)| {
            let ratios = serial.iter().zip(&seconds).map(|(serial, time)| serial / time).collect();
            Times { name: contender.name, seconds, ratios }
        };
        contenders.iter().zip(seconds).map(of_one).collect()
    };
    seconds.into_iter().map(times).collect()
}

/// Threads that stand by, spinning, so that nothing but the work itself is left to pay: the limit of what the cores can do.
pub struct Partner {
    shared: Arc<Shared>,
    threads: Vec<thread::JoinHandle<()>>,
}

struct Shared {
    /// Steps for each partner; it spins while there are none.
    orders: Vec<AtomicU64>,
    done: AtomicUsize,
    awake: AtomicBool,
}

impl Partner {
    /// One partner for each core but the caller's.
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

    /// How many times faster all cores are than one at so many steps: the best of three tries, for other programs only
    /// take away. While the best is far below the cores there are, a partner was on a core that others use, and there are more tries.
    pub fn limit(&self, total: u64) -> f64 {
        // About as long for every total; above 20 ms nothing changes any more.
        let total = total.clamp(1, 150_000_000);
        let rounds = (400_000_000 / total).clamp(5, 301);
        let plausible = 0.9 * (1 + self.threads.len()) as f64;
        let mut best: f64 = 0.0;
        for tries in 1..=10 {
            best = best.max(self.try_limit(total, rounds));
            if tries >= 3 && best >= plausible {
                break;
            }
        }
        best
    }

    fn try_limit(&self, total: u64, rounds: u64) -> f64 {
        self.shared.awake.store(true, Ordering::Release);
        self.threads.iter().for_each(|thread| thread.thread().unpark());
        // Some milliseconds together, so that all are awake and the system has put each on a core of its own.
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

    /// Seconds for so many steps, shared out evenly.
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
