use parallelize::parallelize;

#[parallelize(over = x, distributed)]
#[cfg_attr(target_arch = "x86_64", inline)]
#[target_feature(enable = "sse2")]
unsafe fn scale(x: f64, y: f64) -> f64 {
    x * y
}

fn main() {
    unsafe { scale_parallel([1.0], 2.0) };
}
