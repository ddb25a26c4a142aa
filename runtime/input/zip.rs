//! `zip`: an iterator that pulls from several inputs together, and compares their lengths.

use std::iter::FusedIterator;

/// The sides of a [`Zip`] as nested pairs of iterators: `(x, (y, ()))`.
pub trait Sides {
    /// One item of each side: `(T, (U, ()))`.
    type Item;

    /// Adds the length of each side to `lengths`, or `None` if it is unknown.
    fn lengths(&self, lengths: &mut Vec<Option<usize>>);

    /// Pulls one item from each side, in order, or returns the number of the side that has ended.
    ///
    /// `side` is the number of the first side in `self`.
    fn pull(&mut self, side: usize) -> Result<Self::Item, usize>;
}

impl Sides for () {
    type Item = ();

    fn lengths(&self, _: &mut Vec<Option<usize>>) {}

    #[inline]
    fn pull(&mut self, _: usize) -> Result<(), usize> {
        Ok(())
    }
}

impl<I: Iterator, S: Sides> Sides for (I, S) {
    type Item = (I::Item, S::Item);

    fn lengths(&self, lengths: &mut Vec<Option<usize>>) {
        lengths.push(exact_length(&self.0));
        self.1.lengths(lengths);
    }

    #[inline]
    fn pull(&mut self, side: usize) -> Result<Self::Item, usize> {
        let item = self.0.next().ok_or(side)?;
        Ok((item, self.1.pull(side + 1)?))
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
pub struct Zip<S> {
    sides: S,
    /// The names of the parameters, for messages.
    names: &'static [&'static str],
    /// The number of items and the number of the side that it is known from, if it is known.
    known: Option<(usize, usize)>,
    /// The index of the next item.
    index: usize,
    /// Whether a side has ended.
    ended: bool,
}

impl<S: Sides> Zip<S> {
    /// Creates a zip of `sides`, which are the inputs of the parameters with these names.
    ///
    /// # Panics
    ///
    /// If two known lengths differ, with the location of the calling code.
    #[track_caller]
    pub fn new(sides: S, names: &'static [&'static str]) -> Self {
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
        Zip { sides, names, known, index: 0, ended: false }
    }
}

impl<S: Sides> Iterator for Zip<S> {
    type Item = S::Item;

    #[inline]
    fn next(&mut self) -> Option<S::Item> {
        if self.ended || self.known.is_some_and(|(length, _)| self.index >= length) {
            return None;
        }
        match self.sides.pull(0) {
            Ok(item) => {
                self.index += 1;
                Some(item)
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

impl<S> Zip<S> {
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

impl<S: Sides> FusedIterator for Zip<S> {}
