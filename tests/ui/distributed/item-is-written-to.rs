use parallelize::parallelize;

#[parallelize(over = x, distributed)]
fn double(x: &mut f64, times: u32) {
    (0..times).for_each(|_| *x *= 2.0);
}

fn main() {
    double_parallel(&mut [1.0, 2.0], 2);
}
