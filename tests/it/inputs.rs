//! Input iterators: calls accept every iterator that the serial loop accepts.
//!
//! Each item is pulled once, in order, and `next` is not called again after the first `None`.

use crate::{on_threads, spin};
use parallelize::parallelize;
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader};
use std::sync::Mutex;

#[parallelize(over = x)]
fn double(x: usize, spin_for: u64) -> usize {
    spin(spin_for);
    x * 2
}

fn doubled(count: usize) -> Vec<usize> {
    (0..count).map(|x| x * 2).collect()
}

/// An iterator that counts up, has an arbitrary size hint, and panics if polled after its end.
struct Odd {
    next: usize,
    end: usize,
    hint: (usize, Option<usize>),
    ended: bool,
}

impl Odd {
    fn new(end: usize, hint: (usize, Option<usize>)) -> Self {
        Odd { next: 0, end, hint, ended: false }
    }
}

impl Iterator for Odd {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        assert!(!self.ended, "`next` is called after the first `None`");
        if self.next == self.end {
            self.ended = true;
            return None;
        }
        self.next += 1;
        Some(self.next - 1)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.hint
    }
}

#[test]
fn size_hints_may_be_wrong_and_the_end_is_polled_once() {
    let hints = [
        (0, None),
        (0, Some(0)),
        (1, Some(1)),
        (7, Some(7)),
        (5000, Some(5000)),
        (usize::MAX, Some(usize::MAX)),
        (usize::MAX, None),
        (9, Some(3)),
    ];
    on_threads(|| {
        for hint in hints {
            for count in [0, 1, 2, 7, 3000] {
                assert_eq!(double_parallel(Odd::new(count, hint), 0), doubled(count), "{count} items, hint {hint:?}");
            }
        }
    });
}

/// An iterator that yields more items after a `None`, which the serial loop would not pull.
struct Unfused(usize);

impl Iterator for Unfused {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.0 += 1;
        if self.0 == 101 { None } else { Some(self.0 - 1) }
    }
}

#[test]
fn items_after_a_none_are_not_pulled() {
    on_threads(|| assert_eq!(double_parallel(Unfused(0), 3), doubled(100)));
}

#[test]
fn items_are_pulled_in_order_and_each_once() {
    on_threads(|| {
        let pulled = Mutex::new(Vec::new());
        let input = (0..1000).inspect(|x| pulled.lock().expect("no panic in a test").push(*x));
        assert_eq!(double_parallel(input, 3), doubled(1000));
        assert_eq!(pulled.into_inner().expect("no panic in a test"), (0..1000).collect::<Vec<_>>());
    });
}

#[parallelize(over = line)]
fn length(line: std::io::Result<String>, offset: usize) -> usize {
    line.map_or(0, |line| line.len() + offset)
}

#[parallelize(over = entry)]
fn entry(entry: (&String, &usize), add: usize) -> String {
    format!("{}{}", entry.0, entry.1 + add)
}

#[test]
fn inputs_of_all_kinds() {
    let vector: Vec<usize> = (0..10).collect();
    let expected = doubled(10);
    assert_eq!(double_parallel(vector.clone(), 0), expected);
    assert_eq!(double_parallel(vector.iter().copied(), 0), expected);
    assert_eq!(double_parallel([0, 1, 2], 0), doubled(3));
    assert_eq!(double_parallel(0..10, 0), expected);
    assert_eq!(double_parallel(0..=9, 0), expected);
    assert_eq!(double_parallel(vector.iter().copied().collect::<VecDeque<_>>(), 0), expected);
    assert_eq!(double_parallel((0..30).filter(|x| x % 3 == 0).map(|x| x / 3), 0), expected);
    assert_eq!(double_parallel((0..5).chain(5..10), 0), expected);
    assert_eq!(double_parallel(Some(1), 0), [2]);
    assert_eq!(double_parallel(std::iter::successors(Some(0), |x| Some(x + 1)).take(10), 0), expected);
    assert_eq!(length_parallel(BufReader::new(&b"a\nbb\n\n"[..]).lines(), 1), [2, 3, 1]);
    let map: BTreeMap<String, usize> = [("a".to_owned(), 1), ("b".to_owned(), 2)].into();
    assert_eq!(entry_parallel(&map, 1), ["a2", "b3"]);
    let boxed: Box<dyn Iterator<Item = usize> + Send> = Box::new(0..10);
    assert_eq!(double_parallel(boxed, 0), expected);
    let mut borrowed = 0..20;
    assert_eq!(double_parallel(borrowed.by_ref().take(10), 0), expected);
    assert_eq!(borrowed.next(), Some(10), "`take` leaves the rest of the iterator");
}

#[test]
fn the_input_and_the_fixed_arguments_may_be_borrowed() {
    #[parallelize(over = word)]
    fn starts<'t>(word: &'t str, letters: &[char]) -> Option<&'t str> {
        word.starts_with(letters).then_some(word)
    }
    let text = String::from("the quick brown fox");
    let letters = vec!['q', 'f'];
    let found: Vec<&str> = starts_parallel(text.split(' '), &letters).into_iter().flatten().collect();
    drop(letters);
    assert_eq!(found, ["quick", "fox"]);
}
