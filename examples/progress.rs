//! Finds the longest Collatz sequence in each of many ranges and shows a progress bar.
//!
//! ```text
//! cargo run --release --features progress --example progress [RANGES]
//! ```
//!
//! The bar is drawn on stderr if stderr is a terminal. It is removed when the call returns, also
//! with an error.

use parallelize::parallelize;
use std::error::Error;

/// Finds the longest sequence that starts in a range. Returns its start and its number of steps.
#[parallelize(over = start, try_collect, progress = "searching")]
fn longest(start: u64, size: u64, max: u64) -> Result<(u64, u32), String> {
    let mut longest = (start, 0);
    for n in start..start + size {
        let steps = steps(n, max)?;
        if steps > longest.1 {
            longest = (n, steps);
        }
    }
    Ok(longest)
}

/// Counts the steps of a sequence down to 1. A sequence that exceeds `max` is an error.
fn steps(start: u64, max: u64) -> Result<u32, String> {
    let (mut n, mut steps) = (start, 0);
    while n != 1 {
        if n > max {
            return Err(format!("the sequence of {start} reaches {n}, above {max}"));
        }
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    Ok(steps)
}

fn main() -> Result<(), Box<dyn Error>> {
    let ranges = std::env::args().nth(1).map_or(Ok(400), |text| text.parse())?;
    let size = 20_000;
    let starts = (0..ranges).map(|range| range * size + 1);

    let longest = longest_parallel(starts, size, u64::MAX / 4)?;
    let (start, steps) = longest.into_iter().max_by_key(|(_, steps)| *steps).ok_or("no ranges")?;
    println!("of all numbers up to {}, {start} takes the most steps: {steps}", ranges * size);
    Ok(())
}
