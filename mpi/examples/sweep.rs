//! A sweep over the ranks of an MPI run, which goes on where it was if it is started again.
//!
//! ```text
//! mpirun --bind-to none -n 2 target/release/examples/sweep
//! srun target/release/examples/sweep
//! target/release/examples/sweep
//! ```

use parallelize::{Checkpoint, CheckpointError, parallelize};

const WALKS: u32 = 10_000;

/// The distance that `steps` random steps lead away from the start.
#[parallelize(over = seed, distributed, checkpoint, progress = "walking")]
fn walk(seed: u32, steps: u32) -> f64 {
    let mut random = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let (mut x, mut y) = (0.0_f64, 0.0_f64);
    for _ in 0..steps {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let angle = f64::from((random >> 32) as u32) / 2_f64.powi(32) * std::f64::consts::TAU;
        x += angle.cos();
        y += angle.sin();
    }
    x.hypot(y)
}

fn main() -> Result<(), CheckpointError> {
    // Only rank 0 goes on from here.
    let _cluster = parallelize_mpi::cluster();
    let store = Checkpoint::open("walks.redb")?;
    let calls = walk_parallel_iter(0..WALKS, 100_000).checkpoint(&store);
    match calls.collect::<Vec<f64>>() {
        Ok(distances) => {
            let mean = distances.iter().sum::<f64>() / f64::from(WALKS);
            println!("mean distance: {mean:.3}");
        }
        Err(interrupted) => eprintln!("{interrupted}: {:?}", store.failure()),
    }
    Ok(())
}
