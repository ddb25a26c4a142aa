use parallelize::parallelize;

#[parallelize]
fn pick<T: Clone>(index: usize, values: &[T]) -> T {
    values[index].clone()
}

fn main() {
    let picked: Vec<char> = pick_parallel_iter(0..2, &['a', 'b']).collect();
    for one in pick_parallel_iter(0..2, &picked) {
        println!("{}", one.is_ascii());
    }
}
