use parallelize::parallelize;

#[parallelize(over = x)]
fn add(x: f64, sum: &mut f64) {
    *sum += x;
}

fn main() {}
