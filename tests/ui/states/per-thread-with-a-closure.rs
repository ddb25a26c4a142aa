use parallelize::parallelize;

#[parallelize(over = x, per_thread(seed = |i| i + 1))]
fn add(x: usize, seed: &mut usize) -> usize {
    x + *seed
}

fn main() {
    add_parallel([1]);
}
