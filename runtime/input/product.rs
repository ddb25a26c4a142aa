//! Decides how every combination of several mapped arguments comes up: row by row, the last varying fastest.

use crate::input::zip::exact_length;
use std::iter::FusedIterator;

/// The items of a side of a [`Product`] that is gone through again and again.
pub struct Side<T, C> {
    items: Vec<T>,
    /// Makes another of an item.
    clone: C,
    /// Which of them is next.
    at: usize,
}

impl<T, C: Fn(&T) -> T> Side<T, C> {
    /// Reads the input.
    pub fn new(input: impl IntoIterator<Item = T>, clone: C) -> Self {
        Side { items: input.into_iter().collect(), clone, at: 0 }
    }
}

/// The sides of a [`Product`] but the first: `(y, (z, ()))`.
pub trait Sides {
    /// An item of each: `(U, (V, ()))`.
    type Item;

    /// How many combinations they have; none if that is more than can be counted.
    fn count(&self) -> Option<usize>;

    /// Goes on to the next, and returns whether that is the first again.
    fn advance(&mut self) -> bool;

    /// The combination that it is at.
    fn get(&self) -> Self::Item;
}

impl Sides for () {
    type Item = ();

    fn count(&self) -> Option<usize> {
        Some(1)
    }

    #[inline]
    fn advance(&mut self) -> bool {
        true
    }

    #[inline]
    fn get(&self) {}
}

impl<T, C: Fn(&T) -> T, S: Sides> Sides for (Side<T, C>, S) {
    type Item = (T, S::Item);

    fn count(&self) -> Option<usize> {
        // Where one is empty there are none, however many the others have.
        if self.0.items.is_empty() { Some(0) } else { self.1.count()?.checked_mul(self.0.items.len()) }
    }

    #[inline]
    fn advance(&mut self) -> bool {
        if self.1.advance() {
            self.0.at += 1;
            if self.0.at == self.0.items.len() {
                self.0.at = 0;
                return true;
            }
        }
        false
    }

    #[inline]
    fn get(&self) -> Self::Item {
        let Side { items, clone, at } = &self.0;
        (clone(&items[*at]), self.1.get())
    }
}

/// Every combination of the items of several inputs. The first input is pulled as it goes, and may have no end.
pub struct Product<I: Iterator, C, S> {
    first: I,
    clone: C,
    rest: S,
    /// How many combinations an item of the first has.
    row: usize,
    /// The item of the first, and how many of its combinations are left.
    item: Option<(I::Item, usize)>,
    ended: bool,
}

impl<I: Iterator, C: Fn(&I::Item) -> I::Item, S: Sides> Product<I, C, S> {
    /// The inputs, and their arguments' names.
    ///
    /// # Panics
    ///
    /// If there are more combinations than can be counted, at the caller.
    #[track_caller]
    pub fn new(first: I, clone: C, rest: S, names: &'static str) -> Self {
        let row = rest.count();
        let all = match (row, exact_length(&first)) {
            (Some(row), Some(length)) => row.checked_mul(length),
            (row, _) => row,
        };
        assert!(all.is_some(), "{names} have more combinations than can be counted");
        let row = row.unwrap_or_default();
        // Of an empty row nothing comes, and the first is not to be pulled for it.
        Product { first, clone, rest, row, item: None, ended: row == 0 }
    }
}

impl<I: Iterator, C: Fn(&I::Item) -> I::Item, S: Sides> Iterator for Product<I, C, S> {
    type Item = (I::Item, S::Item);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let (item, left) = match self.item.take() {
            Some(item) => item,
            None => match self.first.next() {
                Some(item) => (item, self.row),
                None => {
                    self.ended = true;
                    return None;
                }
            },
        };
        let rest = self.rest.get();
        self.rest.advance();
        if left == 1 {
            return Some((item, rest));
        }
        let first = (self.clone)(&item);
        self.item = Some((item, left - 1));
        Some((first, rest))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.ended {
            return (0, Some(0));
        }
        let left = self.item.as_ref().map_or(0, |(_, left)| *left);
        let (least, most) = self.first.size_hint();
        let most = most.and_then(|most| most.checked_mul(self.row)?.checked_add(left));
        (least.saturating_mul(self.row).saturating_add(left), most)
    }
}

impl<I: Iterator, C: Fn(&I::Item) -> I::Item, S: Sides> FusedIterator for Product<I, C, S> {}
