//! `zip`: an iterator that pulls from several inputs together, and compares their lengths.

use crate::input::split::{Input, Splitter};
use std::iter::FusedIterator;

/// The sides of a [`Zip`] as nested pairs of inputs: `(x, (y, ()))`.
pub trait Sides: Sized {
    /// One item of each side: `(T, (U, ()))`.
    type Item;

    /// Adds the length of each side to `lengths`, or `None` if it is unknown.
    fn lengths(&self, lengths: &mut Vec<Option<usize>>);

    /// Pulls one item from each side, in order, or returns the number of the side that has ended.
    ///
    /// `side` is the number of the first side in `self`.
    fn pull(&mut self, side: usize) -> Result<Self::Item, usize>;

    /// Returns whether all sides can be split.
    fn are_known(&self) -> bool;

    /// Removes the first `count` items of each side, and returns sides that begin with them.
    fn split_front(&mut self, count: usize) -> Option<Self>;
}

impl Sides for () {
    type Item = ();

    fn lengths(&self, _: &mut Vec<Option<usize>>) {}

    #[inline]
    fn pull(&mut self, _: usize) -> Result<(), usize> {
        Ok(())
    }

    fn are_known(&self) -> bool {
        true
    }

    fn split_front(&mut self, _: usize) -> Option<()> {
        Some(())
    }
}

impl<I: Iterator, S: Sides> Sides for (Input<I>, S) {
    type Item = (I::Item, S::Item);

    fn lengths(&self, lengths: &mut Vec<Option<usize>>) {
        lengths.push(exact_length(&self.0.items));
        self.1.lengths(lengths);
    }

    #[inline]
    fn pull(&mut self, side: usize) -> Result<Self::Item, usize> {
        let item = self.0.items.next().ok_or(side)?;
        Ok((item, self.1.pull(side + 1)?))
    }

    fn are_known(&self) -> bool {
        self.0.splitter.is_some() && self.1.are_known()
    }

    fn split_front(&mut self, count: usize) -> Option<Self> {
        Some((self.0.split_front(count)?, self.1.split_front(count)?))
    }
}

/// Returns the number of items of an input, if its size hint is exact.
pub(crate) fn exact_length(input: &impl Iterator) -> Option<usize> {
    let (least, most) = input.size_hint();
    most.filter(|most| *most == least)
}

/// An iterator over tuples with one item of each input.
///
/// All known lengths are equal. If an input of unknown length ends earlier, `next` panics; if it is
/// longer, its additional items are not pulled. If no length is known, the zip ends with the first
/// input that ends.
pub struct Zip<S, F> {
    sides: S,
    /// Converts nested pairs into a tuple.
    flatten: F,
    /// The names of the parameters, for messages.
    names: &'static [&'static str],
    /// The number of items and the number of the side that it is known from, if it is known.
    known: Option<(usize, usize)>,
    /// The index of the next item.
    index: usize,
    /// Whether a side has ended.
    ended: bool,
}

impl<T, S: Sides, F: Fn(S::Item) -> T + Copy> Zip<S, F> {
    /// Creates a zip of `sides`, which are the inputs of the parameters with these names. `flatten`
    /// converts an item of the sides into a tuple.
    ///
    /// # Panics
    ///
    /// If two known lengths differ, with the location of the calling code.
    #[track_caller]
    pub fn new(sides: S, names: &'static [&'static str], flatten: F) -> Input<Self> {
        let mut lengths = Vec::new();
        sides.lengths(&mut lengths);
        let mut known: Option<(usize, usize)> = None;
        for (side, length) in lengths.iter().enumerate() {
            let Some(length) = *length else { continue };
            match known {
                None => known = Some((length, side)),
                Some((first_length, first)) => {
                    let (first_name, name) = (names[first], names[side]);
                    assert!(
                        first_length == length,
                        "`zip`: `{first_name}` has {first_length} items, but `{name}` has {length}"
                    );
                }
            }
        }
        let splitter = if sides.are_known() { Splitter::new(Self::split_front) } else { None };
        Input { items: Zip { sides, flatten, names, known, index: 0, ended: false }, splitter }
    }

    fn split_front(&mut self, count: usize) -> Self {
        let Some(sides) = self.sides.split_front(count) else { unreachable!("the sides can be split") };
        let front = Zip { sides, ..*self };
        self.index += count;
        front
    }
}

impl<T, S: Sides, F: Fn(S::Item) -> T> Iterator for Zip<S, F> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if self.ended || self.known.is_some_and(|(length, _)| self.index >= length) {
            return None;
        }
        match self.sides.pull(0) {
            Ok(item) => {
                self.index += 1;
                Some((self.flatten)(item))
            }
            Err(side) => {
                self.ended = true;
                self.end(side)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.known {
            _ if self.ended => (0, Some(0)),
            Some((length, _)) => (length - self.index, Some(length - self.index)),
            None => (0, None),
        }
    }
}

impl<S, F> Zip<S, F> {
    /// Returns `None`, because a side has ended.
    ///
    /// # Panics
    ///
    /// If the known length says that there are more items.
    #[cold]
    fn end<T>(&self, side: usize) -> Option<T> {
        let (short, items) = (self.names[side], self.index);
        match self.known {
            None => None,
            Some((length, known)) if known == side => {
                panic!("`zip`: `{short}` ended after {items} items, but its size hint says {length}")
            }
            Some((length, known)) => {
                let long = self.names[known];
                panic!("`zip`: `{short}` ended after {items} items, but `{long}` has {length}")
            }
        }
    }
}

impl<T, S: Sides, F: Fn(S::Item) -> T> FusedIterator for Zip<S, F> {}

#[cfg(test)]
mod tests {
    use super::Zip;
    use crate::input::split::{Input, Splitter};

    #[test]
    fn a_zip_of_known_inputs_is_split() {
        let numbers = Input { items: 0..5, splitter: Splitter::of_items() };
        let letters = Input { items: 'a'..='e', splitter: Splitter::of_items() };
        let flatten = |(number, (letter, ()))| (number, letter);
        let mut rest = Zip::new((numbers, (letters, ())), &["number", "letter"], flatten);
        assert_eq!(rest.items.next(), Some((0, 'a')));
        let front = rest.split_front(2).expect("known types");
        assert_eq!(front.items.size_hint(), (4, Some(4)));
        assert!(front.items.take(2).eq([(1, 'b'), (2, 'c')]));
        assert_eq!(rest.items.size_hint(), (2, Some(2)));
        assert!(rest.items.eq([(3, 'd'), (4, 'e')]));
    }

    #[test]
    fn a_zip_with_another_input_is_not_split() {
        let known = Input { items: 0..2, splitter: Splitter::of_items() };
        let unknown = Input::unknown(0..2);
        let mut zip = Zip::new((known, (unknown, ())), &["x", "y"], |(x, (y, ()))| (x, y));
        assert!(zip.split_front(1).is_none());
        assert!(zip.items.eq([(0, 0), (1, 1)]));
    }
}
