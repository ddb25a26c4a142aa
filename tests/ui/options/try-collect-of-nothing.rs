use parallelize::parallelize;

#[parallelize(over = x, try_collect)]
fn show(x: f64, digits: usize) {
    println!("{x:.digits$}");
}

fn main() {}
