use parallelize::parallelize;

#[parallelize(over = x, try_collect, skip_none)]
fn root(x: f64, least: f64) -> Option<f64> {
    (x >= least).then(|| x.sqrt())
}

fn main() {}
