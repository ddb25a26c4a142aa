use parallelize::parallelize;

struct Model;

impl Model {
    #[parallelize]
    fn answer(&self) -> u32 {
        42
    }
}

fn main() {}
