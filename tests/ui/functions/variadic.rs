use parallelize::parallelize;

unsafe extern "C" {
    #[parallelize(over = format)]
    fn printf(format: *const u8, ...) -> i32;
}

fn main() {}
