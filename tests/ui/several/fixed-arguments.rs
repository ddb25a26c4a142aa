use parallelize::parallelize;

#[parallelize(over = x)]
fn add(x: f64, first: &mut f64, second: &mut f64) -> ! {
    panic!("{x} {first} {second}")
}

fn main() {}
