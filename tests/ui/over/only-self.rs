use parallelize::parallelize;

struct Sensor(f64);

impl Sensor {
    #[parallelize(over = self)]
    fn read(&self) -> f64 {
        self.0
    }
}

fn main() {}
