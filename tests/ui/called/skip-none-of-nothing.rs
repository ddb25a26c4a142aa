use parallelize::parallelize;

#[parallelize(over = x, skip_none)]
fn show(x: f64, digits: usize) {
    println!("{x:.digits$}");
}

fn main() {
    show_parallel([1.0], 2);
    for () in show_parallel_iter([1.0], 2) {}
    show_parallel_iter([1.0], 2).collect::<Vec<_>>();
}
