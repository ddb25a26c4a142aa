use parallelize::parallelize;

#[parallelize(over = x, per_thread(write = std::io::sink()))]
fn write(x: f64, write: &mut impl std::io::Write, by: f64) -> bool {
    writeln!(write, "{}", x * by).is_ok()
}

fn main() {
    let _: Vec<bool> = write_parallel([1.0], 2.0);
    for _ in write_parallel_iter([1.0], 2.0) {}
}
