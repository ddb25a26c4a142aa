//! Elided, named and static lifetimes, and the rules of elision in the generated functions.

use parallelize::parallelize;

#[parallelize(over = word)]
fn length(word: &str, text: &str) -> usize {
    word.len() + text.len()
}

#[test]
fn elided_in_both() {
    let text = String::from("some text");
    assert_eq!(length_parallel(text.split(' '), &text), [13, 13]);
}

#[parallelize]
fn trim(line: &str) -> &str {
    line.trim()
}

#[test]
fn the_result_borrows_from_the_item() {
    let text = String::from(" a \n b ");
    let trimmed: Vec<&str> = trim_parallel(text.lines());
    assert_eq!(trimmed, ["a", "b"]);
}

#[parallelize(over = index)]
fn element(index: usize, values: &[String]) -> &str {
    &values[index]
}

#[test]
fn the_result_borrows_from_a_fixed_argument() {
    let values = vec!["a".to_owned(), "b".to_owned()];
    let found: Vec<&str> = element_parallel(vec![1, 0], &values);
    assert_eq!(found, ["b", "a"]);
}

#[parallelize(over = x)]
fn longer<'a>(x: &'a str, y: &'a str) -> &'a str {
    if x.len() >= y.len() { x } else { y }
}

#[test]
fn named() {
    let other = String::from("other");
    assert_eq!(longer_parallel(vec!["long enough", "no"], &other), ["long enough", "other"]);
}

#[parallelize(over = x)]
fn first<'a>(x: &'a str, _y: &str) -> &'a str {
    x
}

#[test]
fn the_result_outlives_the_other_argument() {
    let kept = {
        let other = String::from("other");
        first_parallel(vec!["kept"], &other)
    };
    assert_eq!(kept, ["kept"]);
}

#[parallelize(over = word)]
fn forever(word: &'static str, suffix: &'static str) -> &'static str {
    if word.is_empty() { suffix } else { word }
}

#[test]
fn statics() {
    assert_eq!(forever_parallel(["a", ""], "z"), ["a", "z"]);
}

pub struct Row<'a> {
    cells: &'a [f64],
}

pub struct View<'a, 'b> {
    name: &'a str,
    unit: &'b str,
}

#[parallelize(over = row)]
fn total(row: Row<'_>, view: &View<'_, '_>) -> String {
    format!("{} = {} {}", view.name, row.cells.iter().sum::<f64>(), view.unit)
}

#[test]
fn anonymous_lifetimes_in_paths() {
    let matrix = vec![vec![1.0, 2.0], vec![3.0]];
    let view = View { name: "x", unit: "m" };
    let rows = matrix.iter().map(|cells| Row { cells });
    assert_eq!(total_parallel(rows, &view), ["x = 3 m", "x = 3 m"]);
}

#[parallelize(over = cells)]
fn row(cells: &[f64]) -> Row<'_> {
    Row { cells }
}

#[test]
fn anonymous_lifetimes_in_the_result() {
    let matrix = vec![vec![1.0, 2.0], vec![3.0]];
    let rows: Vec<Row<'_>> = row_parallel(matrix.iter().map(Vec::as_slice));
    assert_eq!(rows[0].cells, [1.0, 2.0]);
}

#[parallelize(over = pair)]
fn deep(pair: (&str, Option<&[u8]>), by: &(dyn Fn(&str) -> usize + Sync)) -> usize {
    by(pair.0) + pair.1.map_or(0, <[u8]>::len)
}

#[test]
fn several_in_one_type() {
    let bytes = vec![1, 2, 3];
    let pairs = vec![("a", None), ("bb", Some(&bytes[..]))];
    let parenthesized = |text: &str| text.len();
    assert_eq!(deep_parallel(pairs, &parenthesized), [1, 5]);
}

#[parallelize(over = x)]
fn bounded<'a, 'b: 'a>(x: &'b str, y: &'a str) -> &'a str {
    if x.is_empty() { y } else { x }
}

#[test]
fn bounded_lifetimes() {
    assert_eq!(bounded_parallel(vec!["x", ""], "y"), ["x", "y"]);
}

#[parallelize(over = x)]
fn boxed(x: Box<dyn Fn() -> u8 + Send>, y: &(dyn AsRef<str> + Sync)) -> usize {
    usize::from(x()) + y.as_ref().len()
}

#[test]
fn trait_objects() {
    let x: Vec<Box<dyn Fn() -> u8 + Send>> = vec![Box::new(|| 1), Box::new(|| 2)];
    assert_eq!(boxed_parallel(x, &"yy"), [3, 4]);
}

#[parallelize(over = item)]
fn optional(item: Option<&str>, or: &'static str) -> String {
    item.unwrap_or(or).to_owned()
}

#[test]
fn the_input_may_borrow_locally() {
    let local = vec![String::from("a")];
    let items = local.iter().map(|item| Some(item.as_str()));
    assert_eq!(optional_parallel(items, "or"), ["a"]);
}

pub struct Reader;

impl Reader {
    #[parallelize(over = x)]
    fn hidden(&self, x: usize, row: &Row, rows: &[Row]) -> f64 {
        row.cells[x] + rows[0].cells[x]
    }
}

#[test]
fn hidden_lifetimes_in_fixed_arguments_of_methods() {
    let cells = vec![1.0];
    assert_eq!(Reader.hidden_parallel([0], &Row { cells: &cells }, &[Row { cells: &cells }]), [2.0]);
}

#[parallelize(over = x)]
fn product<'a, T>(x: &'a T, by: &'a T) -> <&'a T as std::ops::Mul<&'a T>>::Output
where
    &'a T: std::ops::Mul<&'a T>,
{
    x * by
}

#[test]
fn associated_types_of_references() {
    assert_eq!(product_parallel(&[1, 2], &3), [3, 6]);
}
