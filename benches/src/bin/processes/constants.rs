//! What a call in several processes costs on this machine.

use std::fmt::Write;

/// Costs in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Constants {
    /// A call without items, or of one: the way to the other processes and back.
    pub(crate) call: f64,
    /// A chunk: a letter to a process and one back.
    pub(crate) chunk: f64,
    /// An item, beside its run: it is encoded, decoded, and so is its result.
    pub(crate) item: f64,
    /// A byte of an item or of a result.
    pub(crate) byte: f64,
}

/// How a line with constants begins.
const PREFIX: &str = "constants: ";

impl Constants {
    pub(crate) fn print(self) {
        let Constants { call, chunk, item, byte } = self;
        println!("{PREFIX}{call:e} {chunk:e} {item:e} {byte:e}");
    }

    /// Splits what [`print`](Constants::print) and others have printed.
    pub(crate) fn split(output: &str) -> (String, Self) {
        let (mut table, mut constants) = (String::new(), Constants::default());
        for line in output.lines() {
            match line.strip_prefix(PREFIX) {
                Some(numbers) => {
                    let mut numbers = numbers.split(' ').map(|number| number.parse().unwrap_or(f64::NAN));
                    let mut next = || numbers.next().unwrap_or(f64::NAN);
                    constants = Constants { call: next(), chunk: next(), item: next(), byte: next() };
                }
                None => writeln!(table, "{line}").expect("memory"),
            }
        }
        (table, constants)
    }
}
