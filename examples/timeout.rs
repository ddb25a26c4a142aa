//! Looks for the number whose Collatz sequence is the longest, for two seconds or until Ctrl-C, and hands over the best found by then.
//!
//! ```text
//! cargo run --release --example timeout
//! cargo run --release --example timeout -- SECONDS
//! ```

use parallelize::{CancelToken, Interrupted, parallelize};
use std::error::Error;
use std::time::{Duration, Instant};

/// The longest sequence that starts at one of `width` numbers: how many steps it has, and where it starts.
#[parallelize(over = from)]
fn longest(from: u64, width: u64) -> (u32, u64) {
    (from..from + width).map(|start| (steps(start), start)).max().unwrap_or_default()
}

/// How many steps it takes to come to 1.
fn steps(mut n: u64) -> u32 {
    let mut steps = 0;
    while n > 1 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

/// How many numbers an item has.
const WIDTH: u16 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let seconds = std::env::args().nth(1).map_or(Ok(2.0), |text| text.parse())?;
    let token = CancelToken::new();
    let on_signal = token.clone();
    ctrlc::set_handler(move || on_signal.cancel())?;

    let start = Instant::now();
    let calls = longest_parallel_iter((1..).step_by(WIDTH.into()), WIDTH.into());
    let end = calls.cancel_with(&token).timeout(Duration::from_secs_f64(seconds)).collect::<Vec<_>>();
    let time = start.elapsed();

    // The numbers do not end, so it was interrupted.
    let Err(Interrupted { completed, out_of_order, reason, .. }) = end else { return Ok(()) };
    println!("{reason} after {time:.2?}");
    let numbers = |items: usize| items * usize::from(WIDTH);
    println!("all numbers up to {} were tried, and {} beyond", numbers(completed.len()), numbers(out_of_order.len()));
    let best = completed.iter().chain(out_of_order.iter().map(|(_, result)| result)).max();
    if let Some((steps, start)) = best {
        println!("the longest sequence starts at {start} and has {steps} steps");
    }
    Ok(())
}
