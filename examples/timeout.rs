//! Searches for the number with the longest Collatz sequence, for two seconds or until Ctrl-C, and
//! prints the best result so far.
//!
//! ```text
//! cargo run --release --example timeout
//! cargo run --release --example timeout -- SECONDS
//! ```

use parallelize::{CancelToken, Interrupted, parallelize};
use std::error::Error;
use std::time::{Duration, Instant};

/// Finds the longest sequence that starts at one of the `count` numbers from `first` on. Returns
/// its number of steps and its start.
#[parallelize(over = first)]
fn longest(first: u64, count: u64) -> (u32, u64) {
    (first..first + count).map(|start| (steps(start), start)).max().unwrap_or_default()
}

/// Counts the steps of the sequence from `n` down to 1.
fn steps(mut n: u64) -> u32 {
    let mut steps = 0;
    while n > 1 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

/// Number of starts that one item tries.
const STARTS_PER_ITEM: u16 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let seconds = std::env::args().nth(1).map_or(Ok(2.0), |text| text.parse())?;
    let token = CancelToken::new();
    let on_signal = token.clone();
    ctrlc::set_handler(move || on_signal.cancel())?;

    let start = Instant::now();
    let firsts = (1..).step_by(STARTS_PER_ITEM.into());
    let calls = longest_parallel_iter(firsts, STARTS_PER_ITEM.into());
    let end = calls.cancel_with(&token).timeout(Duration::from_secs_f64(seconds)).collect::<Vec<_>>();
    let time = start.elapsed();

    // The input iterator is endless, so the call was stopped.
    let Err(Interrupted { completed, out_of_order, reason, .. }) = end else { return Ok(()) };
    println!("{reason} after {time:.2?}");
    let numbers = |items: usize| items * usize::from(STARTS_PER_ITEM);
    println!("tried all numbers up to {} and {} larger ones", numbers(completed.len()), numbers(out_of_order.len()));
    let best = completed.iter().chain(out_of_order.iter().map(|(_, result)| result)).max();
    if let Some((steps, start)) = best {
        println!("the longest sequence starts at {start} and has {steps} steps");
    }
    Ok(())
}
