//! Random calls from many threads at once, compared with the serial loop for a given time.
//!
//! `cargo run --release --package parallelize-stress -- [seconds] [seed] [threads]`
//!
//! The seed determines the calls of each thread, but not their timing. The program ends with a
//! message and a core dump at the first difference, and if a call takes longer than a minute.

mod call;
mod case;
mod check;
mod counted;
mod functions;
mod input;
mod plan;
mod seen;
mod serial;
mod watch;

use case::Case;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::env;
use std::panic;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const DEFAULT_SECONDS: u64 = 60;
const DEFAULT_THREADS: u64 = 16;

/// Number of calls, nested ones included, that have been compared.
static CALLS: AtomicU64 = AtomicU64::new(0);

/// Makes a random call, and compares its outcome with that of the serial loop.
pub(crate) fn compare(case: &Case) {
    let _running = watch::enter(case);
    let report = call::run(case);
    check::compare(case, &report);
    CALLS.fetch_add(1, Ordering::Relaxed);
}

fn main() {
    let seed_of_now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.subsec_nanos().into());
    let [seconds, seed, threads] = arguments([DEFAULT_SECONDS, seed_of_now, DEFAULT_THREADS]);
    println!("{seconds} seconds, seed {seed}, {threads} threads");

    // The panics of items do not run the hook. Any other panic is a defect.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        hook(info);
        watch::fail("a panic that no item has caused");
    }));
    watch::start(seed);
    let end = Instant::now() + Duration::from_secs(seconds);
    thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(thread));
                while Instant::now() < end {
                    compare(&Case::random(rng.random(), 0));
                }
            });
        }
    });
    println!("{} calls equal the serial loop", CALLS.load(Ordering::Relaxed));
}

/// Returns the numbers on the command line, or the defaults of those that are missing.
fn arguments<const N: usize>(mut numbers: [u64; N]) -> [u64; N] {
    for (number, word) in numbers.iter_mut().zip(env::args().skip(1)) {
        *number = word.parse().unwrap_or_else(|error| {
            eprintln!("`{word}`: {error}; the arguments are [seconds] [seed] [threads]");
            process::exit(2)
        });
    }
    numbers
}
