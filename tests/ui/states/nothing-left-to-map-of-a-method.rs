use parallelize::parallelize;

#[parallelize(per_item(x = |i| i as f64))]
fn write(x: f64) {
    drop(x);
}

fn main() {
    write_parallel();
}
