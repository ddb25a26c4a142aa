use parallelize::parallelize;

#[parallelize]
enum Model {}

fn main() {}
