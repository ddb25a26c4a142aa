use parallelize::parallelize;

#[parallelize(over = x, skip_none)]
fn show(x: f64, digits: usize) {
    println!("{x:.digits$}");
}

fn main() {}
