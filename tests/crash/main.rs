//! Kills a sweep again and again, and checks that nothing is lost, wrong or computed more often
//! than it must be. Does the same with a full disk. Also measures what a checkpoint costs.
//!
//! ```text
//! cargo run --release --package parallelize-crash -- [kills] [items]
//! cargo run --release --package parallelize-crash -- measure
//! ```

mod kills;
mod limits;
mod measure;
mod sweep;

use std::env;
use std::process;

const DEFAULT_KILLS: u64 = 50;
const DEFAULT_ITEMS: u64 = 60_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    match arguments[..] {
        // The program that is killed.
        ["sweep", form, path, items] => {
            let form = sweep::Form::named(form).unwrap_or_else(|| panic!("there is no form {form}"));
            if let Err(error) = sweep::run(form, path, number(items)) {
                eprintln!("{error}");
                process::exit(1);
            }
        }
        ["measure"] => measure::run(),
        [] => check(DEFAULT_KILLS, DEFAULT_ITEMS),
        [kills] => check(number(kills), DEFAULT_ITEMS),
        [kills, items] => check(number(kills), number(items)),
        _ => panic!("arguments: [kills] [items], or measure"),
    }
}

fn check(kills: u64, items: u64) {
    limits::run(items);
    kills::run(kills, items);
}
