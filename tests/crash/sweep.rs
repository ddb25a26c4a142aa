//! The sweep that is killed. It writes a line for each item that it computes.

use parallelize::{Checkpoint, parallelize};
use serde::{Deserialize, Serialize};
use std::env;
use std::error::Error;
use std::io::{Write, stdout};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// How long an item takes.
const ITEM: Duration = Duration::from_micros(300);

/// The variable with the index of the item that fails.
pub(crate) const FAILS_AT: &str = "PARALLELIZE_CRASH_FAILS_AT";

/// The time at which this process began.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// How the sweep is called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Collect,
    Stream,
    TryCollect,
}

impl Form {
    pub(crate) const ALL: [Form; 3] = [Form::Collect, Form::Stream, Form::TryCollect];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Form::Collect => "collect",
            Form::Stream => "stream",
            Form::TryCollect => "try-collect",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Form> {
        Form::ALL.into_iter().find(|form| form.name() == name)
    }
}

/// A table that all items share.
#[derive(Serialize)]
struct Table {
    factors: Vec<f64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Out {
    item: u64,
    value: f64,
    texts: Vec<String>,
}

#[parallelize(over = item, checkpoint)]
fn simulate(item: u64, table: &Table) -> Out {
    compute(item, table)
}

#[parallelize(over = item, checkpoint, try_collect)]
fn try_simulate(item: u64, table: &Table) -> Result<Out, String> {
    if env::var(FAILS_AT).is_ok_and(|at| at == item.to_string()) {
        return Err(format!("item {item} fails"));
    }
    Ok(compute(item, table))
}

fn compute(item: u64, table: &Table) -> Out {
    let start = Instant::now();
    while start.elapsed() < ITEM {
        std::hint::spin_loop();
    }
    let line = format!("computed {item} {}\n", START.elapsed().as_millis());
    stdout().write_all(line.as_bytes()).expect("somebody reads the lines");
    expected(item, table)
}

fn expected(item: u64, table: &Table) -> Out {
    let factor = table.factors[usize::try_from(item % 3).expect("a small number")];
    #[allow(clippy::cast_precision_loss, reason = "the numbers are small")]
    let value = item as f64 * factor;
    Out { item, value, texts: (0..item % 4).map(|n| format!("{n} of {item}")).collect() }
}

/// Runs the whole sweep, and checks its results.
pub(crate) fn run(form: Form, path: &str, items: u64) -> Result<(), Box<dyn Error>> {
    LazyLock::force(&START);
    let store = Checkpoint::open(path)?;
    say(&format!("opened after {}", START.elapsed().as_millis()));
    let table = Table { factors: vec![0.5, 0.25, 3.0] };
    let mut count = 0;
    let mut check = |out: &Out| {
        assert_eq!(*out, expected(count, &table), "a wrong result");
        count += 1;
    };
    match form {
        Form::Collect => {
            let outs = simulate_parallel_iter(0..items, &table).checkpoint(&store).collect::<Vec<Out>>();
            let outs =
                outs.map_err(|interrupted| store.failure().map_or(interrupted.into(), Box::<dyn Error>::from))?;
            outs.iter().for_each(&mut check);
        }
        Form::Stream => {
            for out in simulate_parallel_iter(0..items, &table).checkpoint(&store) {
                check(&out);
            }
            // A stream that is stopped ends early.
            if let Some(failure) = store.failure() {
                return Err(failure.into());
            }
        }
        Form::TryCollect => {
            let outs = try_simulate_parallel_iter(0..items, &table).checkpoint(&store).try_collect::<Vec<Out>>()?;
            match outs {
                Ok(outs) => outs.iter().for_each(&mut check),
                Err(error) => {
                    say(&format!("failed because {error}"));
                    return Ok(());
                }
            }
        }
    }
    assert_eq!(count, items, "a result is missing");
    say(&format!("done with {count}"));
    if let Some(summary) = store.summary() {
        say(&format!("summary {summary}"));
    }
    Ok(())
}

fn say(line: &str) {
    stdout().write_all(format!("{line}\n").as_bytes()).expect("somebody reads the lines");
}
