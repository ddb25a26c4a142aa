//! Functions with plain types.

use parallelize::parallelize;
use std::collections::BTreeMap;

#[parallelize(over = x)]
fn three(x: f64, steps: u32, table: &[f64]) -> f64 {
    table.iter().map(|value| (x * value).sin()).sum::<f64>() + f64::from(steps)
}

#[test]
fn one_mapped_two_fixed() {
    let inputs: Vec<f64> = (0..1000).map(f64::from).collect();
    let table = vec![0.5, 1.5, 2.5];
    let serial: Vec<f64> = inputs.iter().map(|x| three(*x, 3, &table)).collect();
    let parallel: Vec<f64> = three_parallel(inputs, 3, &table);
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&serial), bits(&parallel));
}

#[parallelize]
fn only(x: i64) -> i64 {
    x * x
}

#[test]
fn one_argument_needs_no_over() {
    assert_eq!(only_parallel(0..500), (0..500).map(only).collect::<Vec<_>>());
}

#[parallelize(over = middle, name = all_of_them)]
fn middle(first: u8, middle: u8, last: u8) -> (u8, u8, u8) {
    (first, middle, last)
}

#[test]
fn any_position_and_any_name() {
    assert_eq!(all_of_them(1, vec![2, 3], 4), [(1, 2, 4), (1, 3, 4)]);
}

#[parallelize(over = word)]
fn lookup(word: String, dictionary: &BTreeMap<String, usize>, default: Option<usize>) -> Option<usize> {
    dictionary.get(&word).copied().or(default)
}

#[test]
fn owned_items() {
    let dictionary: BTreeMap<String, usize> = vec![("a".to_owned(), 1)].into_iter().collect();
    let words = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(lookup_parallel(words.clone(), &dictionary, None), [Some(1), None]);
    assert_eq!(lookup_parallel(words, &dictionary, Some(7)), [Some(1), Some(7)]);
}

#[parallelize(over = item)]
fn large(item: usize, weights: Vec<usize>, name: String, scale: [u8; 4]) -> usize {
    weights.iter().sum::<usize>() * item + name.len() + usize::from(scale[3])
}

#[test]
fn fixed_values_are_cloned_for_each_call() {
    let serial: Vec<usize> = (0..50).map(|item| large(item, vec![1, 2], "name".to_owned(), [4; 4])).collect();
    assert_eq!(large_parallel(0..50, vec![1, 2], "name".to_owned(), [4; 4]), serial);
}

#[parallelize(over = slot)]
fn fill(slot: &mut u32, value: u32) {
    *slot = value;
}

#[test]
fn a_unit_function_returns_nothing_and_may_take_items_by_mut() {
    let mut slots = vec![0; 100];
    let () = fill_parallel(&mut slots, 9);
    assert_eq!(slots, vec![9; 100]);
}

#[parallelize(over = slot)]
fn fill_written(slot: &mut u32, value: u32) -> () {
    *slot = value;
}

#[test]
fn an_explicit_unit_type_is_the_same() {
    let mut slots = [0; 3];
    let () = fill_written_parallel(slots.iter_mut(), 9);
    assert_eq!(slots, [9; 3]);
}

#[parallelize(over = operation)]
fn apply(operation: fn(f64) -> f64, at: f64) -> f64 {
    operation(at)
}

#[test]
fn items_may_be_functions() {
    let operations: Vec<fn(f64) -> f64> = vec![f64::sin, f64::cos];
    assert_eq!(apply_parallel(operations, 1.0), [1.0_f64.sin(), 1.0_f64.cos()]);
}

#[parallelize(over = x)]
fn with_closures(x: i32, transform: &(dyn Fn(i32) -> i32 + Sync), pick: fn(&[i32]) -> i32) -> i32 {
    transform(x) + pick(&[1, 2])
}

#[test]
fn fixed_closures_and_function_pointers() {
    let offset = 5;
    let transform = |x| x + offset;
    assert_eq!(with_closures_parallel([1, 2], &transform, |all| all[1]), [8, 9]);
}
