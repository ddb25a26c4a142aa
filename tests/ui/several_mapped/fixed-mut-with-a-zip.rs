use parallelize::parallelize;

#[parallelize(over = zip(x, y))]
fn add(x: f64, y: f64, sum: &mut f64) {
    *sum += x + y;
}

fn main() {}
