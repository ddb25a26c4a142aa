//! Finds the lines of a text that are most similar to a phrase. The memory does not grow with the
//! length of the text.
//!
//! Without arguments, the text is a generated log of 200,000 lines.
//!
//! ```text
//! cargo run --release --example stream
//! cargo run --release --example stream -- PHRASE FILE
//! some command | cargo run --release --example stream -- PHRASE -
//! ```

use parallelize::parallelize;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::time::Instant;

/// Computes the edit distance (Levenshtein) between a line and the phrase.
#[parallelize(over = line)]
fn measure(line: io::Result<String>, phrase: &[char]) -> io::Result<(usize, String)> {
    let line = line?;
    let mut costs: Vec<usize> = (0..=phrase.len()).collect();
    for (row, letter) in line.chars().enumerate() {
        let mut diagonal = costs[0];
        costs[0] = row + 1;
        for (column, wanted) in phrase.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *wanted);
            diagonal = costs[column + 1];
            costs[column + 1] = changed.min(costs[column] + 1).min(diagonal + 1);
        }
    }
    Ok((costs[phrase.len()], line))
}

/// The five lines with the smallest edit distances, each with its distance.
#[derive(Default, PartialEq)]
struct Best(Vec<(usize, String)>);

impl Best {
    fn add(&mut self, line: (usize, String)) {
        let at = self.0.partition_point(|other| other.0 <= line.0);
        self.0.insert(at, line);
        self.0.truncate(5);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let phrase = arguments.first().map_or("worker 17 failed to write block 99991", String::as_str);
    let phrase: Vec<char> = phrase.chars().collect();
    let mut best = Best::default();
    let start = Instant::now();
    match arguments.get(1).map(String::as_str) {
        // `stdin().lines()` holds a lock guard, which is not `Send`.
        Some("-") => search(BufReader::new(io::stdin()).lines(), &phrase, &mut best)?,
        Some(path) => search(BufReader::new(File::open(path)?).lines(), &phrase, &mut best)?,
        None => {
            search(log().take(200_000).map(Ok), &phrase, &mut best)?;
            let parallel = start.elapsed();
            let (mut serial, start) = (Best::default(), Instant::now());
            log()
                .take(200_000)
                .map(|line| measure(Ok(line), &phrase))
                .try_for_each(|line| line.map(|line| serial.add(line)))?;
            let time = start.elapsed();
            assert!(best == serial, "the results differ from the serial loop");
            println!(
                "serial {time:.0?}, parallel {parallel:.0?}, speed-up {:.2}",
                time.as_secs_f64() / parallel.as_secs_f64()
            );
        }
    }
    for (distance, line) in &best.0 {
        println!("{distance:5}  {line}");
    }
    println!("in {:.1?}; {}", start.elapsed(), peak_memory().unwrap_or_default());
    Ok(())
}

/// Adds all lines to `best`. Stops at the first line that cannot be read.
fn search(lines: impl Iterator<Item = io::Result<String>> + Send, phrase: &[char], best: &mut Best) -> io::Result<()> {
    measure_parallel_iter(lines, phrase).try_for_each(|line| line.map(|line| best.add(line)))
}

/// Generates an endless log.
fn log() -> impl Iterator<Item = String> + Send {
    let verbs = ["read", "write", "verify", "compress", "send"];
    (0_u64..).map(move |number| {
        let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let state = if random % 11 == 0 { "failed to" } else { "did" };
        let verb = verbs[(random % 5) as usize];
        format!("worker {} {state} {verb} block {}", random % 32, random % 100_003)
    })
}

/// Reads the peak memory of this process, which only Linux reports.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(format!("peak memory {}", peak.trim()))
}
