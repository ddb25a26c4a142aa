use parallelize::parallelize;
use std::borrow::Cow;

#[parallelize(over = x, distributed)]
fn count(x: Cow<'_, str>, owned: Cow<'static, str>) -> usize {
    x.len() + owned.len()
}

fn main() {
    count_parallel([Cow::Borrowed("a")], Cow::Borrowed("b"));
}
