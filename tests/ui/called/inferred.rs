use parallelize::parallelize;

#[parallelize(over = x, chunks = 8)]
fn shift<T: Copy>(x: T, by: T, add: impl Fn(T, T) -> T, names: Option<&str>) -> (T, usize) {
    (add(x, by), names.map_or(0, str::len))
}

fn main() {
    let shifted = shift_parallel::<u8, _>("1 2".split(' ').map(|x| x.parse().unwrap()), 1, |x, by| x + by, None);
    println!("{}", shifted[0].0.count_ones());
}
