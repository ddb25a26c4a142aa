use parallelize::parallelize;

#[parallelize(over = line, distributed)]
fn word<'a>(line: &'a str, least: usize) -> Result<&'a str, String> {
    line.split(' ').find(|word| word.len() >= least).ok_or_else(|| line.to_owned())
}

fn main() {
    word_parallel(["a bc"], 2);
}
