use parallelize::parallelize;

#[parallelize(over = x, distributed)]
fn count(x: usize, rows: &Vec<Option<&u8>>) -> usize {
    x + rows.len()
}

fn main() {
    count_parallel([1], &Vec::new());
}
