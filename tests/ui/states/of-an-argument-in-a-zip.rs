use parallelize::parallelize;

#[parallelize(over = zip(x, by), per_item(by = |i| i as f64, buffer = |_| Vec::new()))]
fn write(x: f64, buffer: &mut Vec<f64>, by: f64) -> usize {
    buffer.push(x * by);
    buffer.len()
}

fn main() {}
