use parallelize::parallelize;
use std::borrow::Cow;

#[parallelize(over = line, checkpoint)]
fn first(line: &str, separator: char) -> Result<Cow<'_, str>, ()> {
    line.split(separator).next().map(Into::into).ok_or(())
}

fn main() {
    assert!(first_parallel(["a"], ',')[0].is_ok());
}
