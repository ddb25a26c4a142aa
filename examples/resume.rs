//! Searches a population model for chaos. The program can be killed at any time: run it again, and
//! it goes on.
//!
//! ```text
//! cargo run --release --features checkpoint,progress --example resume [FILE]
//! ```
//!
//! Press Ctrl+C while the bar moves, and start the program once more. The bar then begins with the
//! results that are in the file. Change the number of years, and all of them are computed again.

use parallelize::{Checkpoint, parallelize};
use serde::{Deserialize, Serialize};
use std::error::Error;

/// How a population starts.
#[derive(Serialize)]
struct Start {
    size: f64,
    years: u32,
}

/// How a population behaves in the long run.
#[derive(Serialize, Deserialize)]
struct Behavior {
    /// The average growth rate of a small difference.
    exponent: f64,
    smallest: f64,
    largest: f64,
}

/// Follows a population whose size becomes `rate * size * (1 - size)` each year.
#[parallelize(over = rate, checkpoint, progress = "following")]
fn follow(rate: f64, start: &Start) -> Behavior {
    let mut size = start.size;
    let (mut sum, mut smallest, mut largest) = (0.0, f64::MAX, f64::MIN);
    for _ in 0..start.years {
        size *= rate * (1.0 - size);
        sum += (rate * (1.0 - 2.0 * size)).abs().ln();
        smallest = size.min(smallest);
        largest = size.max(largest);
    }
    Behavior { exponent: sum / f64::from(start.years), smallest, largest }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "resume.redb".to_owned());
    let store = Checkpoint::open(path)?;

    let start = Start { size: 0.5001, years: 10_000_000 };
    let rates: Vec<f64> = (0..400).map(|step| 3.5 + f64::from(step) / 800.0).collect();
    let calls = follow_parallel_iter(rates.iter().copied(), &start);
    let behaviors: Vec<Behavior> = calls.checkpoint(&store).collect()?;

    let chaotic = behaviors.iter().filter(|behavior| behavior.exponent > 0.0).count();
    println!("{chaotic} of {} rates lead to chaos", rates.len());
    let widest = rates.iter().zip(&behaviors).max_by(|(_, a), (_, b)| {
        let range = |behavior: &Behavior| behavior.largest - behavior.smallest;
        range(a).total_cmp(&range(b))
    });
    if let Some((rate, behavior)) = widest {
        println!("with {rate}, the size is between {:.3} and {:.3}", behavior.smallest, behavior.largest);
    }
    if let Some(summary) = store.summary() {
        println!("{summary}");
    }
    Ok(())
}
