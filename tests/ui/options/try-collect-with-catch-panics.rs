use parallelize::parallelize;

#[parallelize(over = x, catch_panics, try_collect)]
fn root(x: f64, least: f64) -> Option<f64> {
    (x >= least).then(|| x.sqrt())
}

fn main() {}
