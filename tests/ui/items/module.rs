use parallelize::parallelize;

#[parallelize(over = x)]
mod model {}

fn main() {}
