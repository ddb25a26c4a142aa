//! Parameters that are patterns instead of names.

use parallelize::parallelize;

#[derive(Clone, Copy)]
pub struct Point {
    x: f64,
    y: f64,
}

#[parallelize(over = t)]
fn on_line(t: f64, (from, to): (f64, f64), Point { x, y: height }: Point, [a, ..]: [u8; 3], _: String) -> f64 {
    from + (to - from) * t + x * height + f64::from(a)
}

#[test]
fn fixed_patterns() {
    let point = Point { x: 1.0, y: 2.0 };
    assert_eq!(on_line_parallel([0.0, 0.5], (1.0, 3.0), point, [1, 2, 3], String::new()), [4.0, 5.0]);
}

#[parallelize(over = x)]
fn mutable(mut x: Vec<u8>, mut count: u8) -> Vec<u8> {
    count += 1;
    x.push(count);
    x
}

#[test]
fn mut_on_arguments() {
    assert_eq!(mutable_parallel(vec![vec![1], vec![2]], 3), [[1, 4], [2, 4]]);
}

#[parallelize]
fn only_pattern((a, b): (u8, u8)) -> u8 {
    a + b
}

#[test]
fn the_only_argument_may_be_a_pattern() {
    assert_eq!(only_pattern_parallel(vec![(1, 2), (3, 4)]), [3, 7]);
}

#[parallelize(over = x)]
fn borrowed_pattern(x: u8, &(a, b): &(u8, u8), ref c: u8, all @ [first, ..]: [u8; 2]) -> u8 {
    x + a + b + *c + all[1] + first
}

#[test]
fn reference_and_at_patterns() {
    assert_eq!(borrowed_pattern_parallel([1], &(1, 1), 1, [1, 1]), [6]);
}

#[parallelize(over = argument2)]
fn like_ours(argument2: u8, (a, b): (u8, u8), argument1: u8) -> u8 {
    argument2 + a + b + argument1
}

#[test]
fn arguments_may_be_named_like_those_generated_for_patterns() {
    assert_eq!(like_ours_parallel([1], (1, 1), 1), [4]);
}
