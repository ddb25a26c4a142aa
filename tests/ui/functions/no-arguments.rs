use parallelize::parallelize;

#[parallelize]
fn answer() -> u32 {
    42
}

fn main() {}
