//! Decides how several mapped arguments are walked together, and when their lengths do not agree.

use std::iter::FusedIterator;

/// The sides of a [`Zip`], from the first to the last: `(x, (y, ()))`.
pub trait Sides {
    /// An item of each: `(T, (U, ()))`.
    type Item;

    /// The lengths of all sides, of each if it is known.
    fn lengths(&self, lengths: &mut Vec<Option<usize>>);

    /// An item of each side, in their order, or which side has ended.
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

/// How many items an input has, if it tells exactly.
pub(crate) fn exact_length(input: &impl Iterator) -> Option<usize> {
    let (least, most) = input.size_hint();
    most.filter(|most| *most == least)
}

/// Items of several inputs, one of each at a time.
///
/// The lengths that are known agree. An input of another length that ends before them is a panic at that index; beyond them nothing is pulled. Where none
/// is known, all end with the first that does.
pub struct Zip<S> {
    sides: S,
    /// What they are called in messages.
    names: &'static [&'static str],
    /// How many items there are, if that is known, and of which side it is known.
    known: Option<(usize, usize)>,
    /// The index of the next item.
    index: usize,
    /// Where no length is known: one of the inputs has ended.
    ended: bool,
}

impl<S: Sides> Zip<S> {
    /// The inputs, and their arguments' names.
    ///
    /// # Panics
    ///
    /// If two lengths that are known differ, at the caller.
    #[track_caller]
    pub fn new(sides: S, names: &'static [&'static str]) -> Self {
        let mut lengths = Vec::new();
        sides.lengths(&mut lengths);
        let mut known: Option<(usize, usize)> = None;
        for (side, length) in lengths.iter().enumerate() {
            let Some(length) = *length else { continue };
            match known {
                None => known = Some((length, side)),
                Some((other, first)) => {
                    let (one, another) = (names[first], names[side]);
                    assert!(
                        other == length,
                        "`{one}` has {other} items, and `{another}` has {length}: they are walked together"
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
    /// A side has no more items.
    #[cold]
    fn end<T>(&self, side: usize) -> Option<T> {
        if let Some((length, known)) = self.known {
            let (short, long) = (self.names[side], self.names[known]);
            panic!("`{short}` ended after {} items, and `{long}` has {length}: they are walked together", self.index);
        }
        None
    }
}

impl<S: Sides> FusedIterator for Zip<S> {}
