use parallelize::parallelize;

#[parallelize(over = x, distributed)]
fn count(x: u8, words: &'static [u8]) -> usize {
    usize::from(x) + words.len()
}

fn main() {
    count_parallel([1], b"abc");
}
