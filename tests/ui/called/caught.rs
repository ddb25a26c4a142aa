use parallelize::parallelize;

#[parallelize(over = x, catch_panics, chunks = 8)]
fn divide(n: u32, x: u32) -> u32 {
    n / x
}

fn main() {
    for quotient in divide_parallel(6, [3, 0]) {
        println!("{}", quotient.unwrap().count_ones());
    }
    for quotient in divide_parallel_iter(6, [3, 0]) {
        println!("{}", quotient.unwrap().count_ones());
    }
}
