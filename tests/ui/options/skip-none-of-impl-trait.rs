use parallelize::parallelize;
use std::fmt::Display;

#[parallelize(over = x, skip_none)]
fn shown(x: f64, least: f64) -> Option<impl Display> {
    (x >= least).then_some(x)
}

fn main() {}
