//! Results that would outlive what they borrow from.

use parallelize::parallelize;

#[parallelize]
fn trim(line: &str) -> &str {
    line.trim()
}

#[parallelize(over = index)]
fn pick(index: usize, values: &[String]) -> &str {
    &values[index]
}

fn main() {
    let trimmed = {
        let text = String::from(" a ");
        trim_parallel(text.lines())
//                    ^ error: `text` does not live long enough
    };
    let picked = {
        let values = vec![String::new()];
        pick_parallel(0..1, &values)
//                          ^ error: `values` does not live long enough
    };
    println!("{trimmed:?} {picked:?}");
}
