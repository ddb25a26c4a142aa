use parallelize::parallelize;

#[parallelize(over = x, distributed)]
fn show(x: f64, y: u8) -> impl ToString + Send {
    format!("{x}{y}")
}

fn main() {
    show_parallel([1.0], 2);
}
