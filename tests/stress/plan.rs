//! What the items of a call cost, and how each of them ends.

use crate::case::{Case, Costs, Fates};
use crate::counted::{Count, Counted, Thrown};
use parallelize::CancelToken;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::hint;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How an item ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    Pass,
    Nothing,
    Fail,
    Panic,
}

/// What an item does before it ends.
#[derive(Clone, Copy)]
enum Cost {
    Free,
    Spin(Duration),
    Sleep(Duration),
    /// Makes the random call of this seed.
    Nested(u64),
}

/// The costs and fates of the items of a call. They repeat if there are more items.
pub(crate) struct Plan {
    jobs: Vec<(Cost, Fate)>,
    seed: u64,
    level: u8,
    /// The second length of a product.
    pub(crate) columns: usize,
    /// The item that cancels the token.
    cancel_at: Option<usize>,
    pub(crate) token: CancelToken,
    pub(crate) count: Arc<Count>,
    /// Whether items cost nothing and cancel nothing, as in the serial loop.
    is_quiet: bool,
}

impl Plan {
    pub(crate) fn new(case: &Case, count: &Arc<Count>, is_quiet: bool) -> Plan {
        let mut rng = StdRng::seed_from_u64(case.seed ^ 1);
        let jobs = (0..case.jobs()).map(|_| (cost(case, &mut rng), fate(case, &mut rng))).collect();
        Plan {
            jobs,
            seed: case.seed,
            level: case.level,
            columns: case.columns,
            cancel_at: case.stop.cancel_at(),
            token: CancelToken::new(),
            count: Arc::clone(count),
            is_quiet,
        }
    }

    /// Runs an item: returns its result and its fate, or panics.
    pub(crate) fn run(&self, mut item: Counted) -> (Counted, Fate) {
        item.check(&self.count);
        let index = item.index;
        let (cost, fate) = self.jobs[index % self.jobs.len()];
        if !self.is_quiet {
            self.pay(cost);
            if self.cancel_at == Some(index) {
                self.token.cancel();
            }
        }
        item.check(&self.count);
        if fate == Fate::Panic {
            self.count.finish(fate);
            resume_unwind(Box::new(Thrown { item, of_input: false }));
        }
        if index.is_multiple_of(2) {
            // The result is a new value.
            drop(item);
            item = Counted::new(&self.count, index);
        }
        item.value = mix(index as u64 ^ self.seed);
        self.count.finish(fate);
        (item, fate)
    }

    fn pay(&self, cost: Cost) {
        match cost {
            Cost::Free => {}
            Cost::Spin(time) => {
                let start = Instant::now();
                while start.elapsed() < time {
                    hint::spin_loop();
                }
            }
            Cost::Sleep(time) => thread::sleep(time),
            Cost::Nested(seed) => crate::compare(&Case::random(seed, self.level + 1)),
        }
    }
}

fn cost(case: &Case, rng: &mut StdRng) -> Cost {
    if case.nested > 0 && rng.random_ratio(case.nested, 100) {
        return Cost::Nested(rng.random());
    }
    let spin = |micros| if micros == 0 { Cost::Free } else { Cost::Spin(Duration::from_micros(micros)) };
    match case.costs {
        Costs::Free => Cost::Free,
        Costs::Cheap => spin(rng.random_range(0..3)),
        Costs::Uneven => spin(if rng.random_ratio(1, 50) { 200 } else { 0 }),
        Costs::Expensive => spin(rng.random_range(0..200)),
        Costs::Waiting if rng.random_ratio(1, 3) => Cost::Sleep(Duration::from_millis(5)),
        Costs::Waiting => Cost::Sleep(Duration::from_micros(rng.random_range(0..200))),
    }
}

fn fate(case: &Case, rng: &mut StdRng) -> Fate {
    let one_in = match case.fates {
        Fates::Pass => return Fate::Pass,
        Fates::Rare => 300,
        Fates::Frequent => 8,
    };
    match case.shape.other_fate() {
        Some(other) if rng.random_ratio(1, one_in) => other,
        // Values that are missing do not end a call, so there are more of them.
        Some(Fate::Nothing) if rng.random_ratio(1, 4) => Fate::Nothing,
        _ if rng.random_ratio(1, 2 * one_in) => Fate::Panic,
        _ => Fate::Pass,
    }
}

/// Returns a number that depends on all bits of `number`.
fn mix(number: u64) -> u64 {
    let mixed = (number ^ (number >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29)
}
