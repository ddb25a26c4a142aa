use parallelize::parallelize;

#[parallelize]
unsafe extern "C" {}

fn main() {}
