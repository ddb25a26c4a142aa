use parallelize::parallelize;

#[parallelize(over = x, per_thread(buffer = Vec::new()))]
fn write(x: f64, (buffer, _): &mut (Vec<f64>, u8)) {
    buffer.push(x);
}

fn main() {
    write_parallel([1.0]);
}
