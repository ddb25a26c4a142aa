use parallelize::parallelize;

#[parallelize(over = x)]
fn draw(x: u8, rng: &mut impl Iterator<Item = u8>) -> u8 {
    x + rng.next().unwrap()
}

fn main() {
    draw_parallel([1], &mut (0..9));
    draw_parallel_iter([1], &mut (0..9)).collect::<Vec<_>>();
}
