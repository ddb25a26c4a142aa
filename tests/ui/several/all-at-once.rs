use parallelize::parallelize;

struct Model;

impl Model {
    #[parallelize(over = z, name = 3, chunks)]
    async fn eval(&mut self, x: f64, sum: &mut f64, #[cfg(all())] y: f64) {
        *sum += x + y;
    }
}

fn main() {}
