use parallelize::parallelize;

#[parallelize(over = product(x, y))]
fn add(x: &mut f64, y: f64) {
    *x += y;
}

fn main() {
    add_parallel(&mut [1.0], [2.0]);
    add_parallel_iter(&mut [1.0], [2.0]).for_each(drop);
}
