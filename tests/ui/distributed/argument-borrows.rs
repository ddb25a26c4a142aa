use parallelize::parallelize;

#[derive(Clone)]
struct Row<'a>(&'a str);

#[parallelize(over = x, distributed)]
fn count(x: usize, row: Row<'_>) -> usize {
    x + row.0.len()
}

fn main() {
    count_parallel([1], Row("a"));
}
