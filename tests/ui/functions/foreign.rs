use parallelize::parallelize;

unsafe extern "C" {
    #[parallelize(over = x)]
    fn scale(x: f64, by: f64) -> f64;
}

fn main() {}
