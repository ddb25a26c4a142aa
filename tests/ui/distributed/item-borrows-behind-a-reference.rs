use parallelize::parallelize;

#[parallelize(over = x, distributed)]
fn count(x: &[&str], y: usize) -> usize {
    x.len() + y
}

fn main() {
    count_parallel([&["a"][..]], 1);
}
