use parallelize::parallelize;

#[parallelize(over = x)]
fn answer() -> u32 {
    42
}

fn main() {}
