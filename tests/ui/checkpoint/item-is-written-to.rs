use parallelize::{Checkpoint, parallelize};

#[parallelize(over = x, checkpoint)]
fn double(x: &mut f64, times: u32) {
    (0..times).for_each(|_| *x *= 2.0);
}

fn main() {
    let store = Checkpoint::open("sweep.redb").unwrap();
    let mut xs = [1.0, 2.0];
    double_parallel_iter(&mut xs, 2).checkpoint(&store).collect::<()>().unwrap();
}
