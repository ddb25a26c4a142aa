//! Time measurement: all contenders take turns in one process, and each is compared with the serial
//! loop of the same round.

use crate::contenders::Contender;
use std::hint::{black_box, spin_loop};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Runs `count` dependent steps, which the compiler can neither remove nor run in parallel. The
/// compiler merges several steps into one, but in the same way for all contenders.
#[inline]
pub fn steps(seed: u64, count: u64) -> u64 {
    let mut x = seed;
    for _ in 0..count {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    }
    x
}

/// Measures the number of steps per microsecond: the maximum of 50 tries, because other programs
/// can only slow a try down.
pub fn steps_per_micro() -> f64 {
    let try_once = || {
        let start = Instant::now();
        black_box(steps(black_box(1), 2_000_000));
        2_000_000.0 / start.elapsed().as_secs_f64() / 1e6
    };
    (0..50).map(|_| try_once()).fold(0.0, f64::max)
}

/// The number of calls and rounds, and the pause before each turn.
#[derive(Clone, Copy)]
pub struct Pace {
    /// Calls per turn, so that reading the clock takes little time in comparison.
    pub repeat: usize,
    /// Duration for which the calling thread sleeps before each turn.
    pub pause: Duration,
    /// Number of rounds, in each of which all contenders have one turn.
    pub rounds: usize,
}

/// The times of one contender.
pub struct Times {
    pub name: &'static str,
    /// Seconds per call, one value per round.
    pub seconds: Vec<f64>,
    /// Time of the serial loop divided by the time of this contender, one value per round.
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

/// Measures all contenders with all inputs. The first contender is the serial loop. A turn runs the
/// inputs in sequence.
pub fn race<T: PartialEq>(contenders: &[Contender<T>], inputs: &[&[T]], pace: Pace) -> Vec<Vec<Times>> {
    for input in inputs {
        let expected = (contenders[0].call)(input);
        for contender in contenders {
            assert!(
                (contender.call)(input) == expected,
                "the results of {} differ from the serial loop",
                contender.name
            );
        }
    }
    let mut seconds = vec![vec![Vec::new(); contenders.len()]; inputs.len()];
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let mut random = 1_u64;
    // The first two rounds warm up the caches and the remembered costs.
    for round in 0..pace.rounds + 2 {
        // A different order in each round: otherwise one contender would always profit from the
        // threads that the contender before it leaves awake.
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
