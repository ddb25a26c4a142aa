use parallelize::parallelize;

#[parallelize]
#[allow(unused_imports)]
use std::f64::consts::PI as _;

fn main() {}
