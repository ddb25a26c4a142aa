//! Time measurement: all contenders take turns in one process, and each is compared with the serial
//! loop of the same round.

use crate::contenders::Contender;
use std::hint::black_box;
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
    /// Compares the times of all contenders with those of the first one, the serial loop. There is
    /// one vector per contender, with one value per round.
    pub fn compared(names: &[&'static str], seconds: Vec<Vec<f64>>) -> Vec<Times> {
        let serial = seconds[0].clone();
        let of_one = |(name, seconds): (&&'static str, Vec<f64>)| {
            let ratios = serial.iter().zip(&seconds).map(|(serial, time)| serial / time).collect();
            Times { name, seconds, ratios }
        };
        names.iter().zip(seconds).map(of_one).collect()
    }

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

/// Calls `turn` once per round and contender, with the numbers of both.
///
/// The order of the contenders differs from round to round. Otherwise one contender would always
/// profit from the threads that the contender before it leaves awake.
pub fn take_turns(contenders: usize, pace: Pace, seed: u64, mut turn: impl FnMut(usize, usize)) {
    let mut order: Vec<usize> = (0..contenders).collect();
    let mut random = seed;
    for round in 0..pace.rounds {
        for last in (1..order.len()).rev() {
            random = steps(random, 1);
            order.swap(last, (random >> 33) as usize % (last + 1));
        }
        for &contender in &order {
            if !pace.pause.is_zero() {
                thread::sleep(pace.pause);
            }
            turn(round, contender);
        }
    }
}

/// A contender whose calls consume what has been prepared for them.
pub type Call<'a, G, R> = &'a dyn Fn(G) -> R;

/// Measures the seconds per call of all contenders, round by round. `prepare` makes what a call
/// consumes. Neither that nor the drop of the results is in the measured time.
pub fn contest<G, R>(calls: &[Call<'_, G, R>], prepare: impl Fn() -> G, pace: Pace, seed: u64) -> Vec<Vec<f64>> {
    let mut seconds = vec![Vec::new(); calls.len()];
    take_turns(calls.len(), pace, seed, |_, index| {
        let mut prepared: Vec<G> = (0..pace.repeat).map(|_| prepare()).collect();
        let mut results = Vec::with_capacity(pace.repeat);
        let start = Instant::now();
        results.extend(prepared.drain(..).map(calls[index]));
        let time = start.elapsed().as_secs_f64();
        drop(black_box(results));
        seconds[index].push(time / pace.repeat as f64);
    });
    seconds
}

/// Number of rounds that warm up the caches and the remembered costs.
const WARM_UP_ROUNDS: usize = 2;

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
    let rounds = pace.rounds + WARM_UP_ROUNDS;
    take_turns(contenders.len(), Pace { rounds, ..pace }, 1, |round, index| {
        let call = &contenders[index].call;
        for (input, seconds) in inputs.iter().zip(&mut seconds) {
            let start = Instant::now();
            for _ in 0..pace.repeat {
                black_box(call(black_box(input)));
            }
            let time = start.elapsed().as_secs_f64();
            if round >= WARM_UP_ROUNDS {
                seconds[index].push(time / pace.repeat as f64);
            }
        }
    });
    let names: Vec<&str> = contenders.iter().map(|contender| contender.name).collect();
    seconds.into_iter().map(|seconds| Times::compared(&names, seconds)).collect()
}
