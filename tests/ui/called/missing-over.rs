use parallelize::parallelize;

#[parallelize]
fn pick<T: Clone>(index: usize, values: &[T]) -> T {
    values[index].clone()
}

fn main() {
    let picked: Vec<char> = pick_parallel(0..2, &['a', 'b']);
    println!("{picked:?}");
}
