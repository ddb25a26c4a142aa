use parallelize::parallelize;

macro_rules! scale {
    ($by:ident) => {
        #[parallelize(over = x)]
        fn scale(x: f64, $by: f64) -> f64 {
            x * $by
        }
    };
}

scale!(x);

fn main() {
    println!("{:?}", scale_parallel([1.0], 2.0));
}
