//! A progress bar: finds the longest Collatz sequence in each of many ranges, with the first failure returned as an error.
//!
//! ```text
//! cargo run --release --features progress --example progress [RANGES]
//! ```
//!
//! The bar is drawn on the standard error, if that is a terminal, and taken away at the end, also where a range fails.

use parallelize::parallelize;
use std::error::Error;

/// The longest sequence that begins in a range, and its length.
#[parallelize(over = start, try_collect, progress = "searching")]
fn longest(start: u64, size: u64, most: u64) -> Result<(u64, u32), String> {
    let sequences = (start..start + size).map(|n| Ok((n, length(n, most)?)));
    let longest = sequences.reduce(|a: Result<_, String>, b| {
        let (a, b) = (a?, b?);
        Ok(if b.1 > a.1 { b } else { a })
    });
    longest.unwrap_or(Err(String::from("a range is empty")))
}

/// How many steps a sequence takes to 1.
fn length(start: u64, most: u64) -> Result<u32, String> {
    let (mut n, mut steps) = (start, 0);
    while n != 1 {
        if n > most {
            return Err(format!("the sequence of {start} rises to {n}, above {most}"));
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
