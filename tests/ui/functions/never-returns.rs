use parallelize::parallelize;

#[parallelize(over = x)]
fn fail(x: f64, steps: u32) -> ! {
    panic!("{x} {steps}")
}

fn main() {}
