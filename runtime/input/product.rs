//! `product`: an iterator over all combinations of several inputs; the last varies fastest.

use crate::input::zip::exact_length;
use std::iter::FusedIterator;

/// The items of one side of a [`Product`], which are used repeatedly.
pub struct Side<T, C> {
    items: Vec<T>,
    /// Clones an item.
    clone: C,
    /// The index of the current item.
    current: usize,
}

impl<T, C: Fn(&T) -> T> Side<T, C> {
    /// Reads the whole input.
    pub fn new(input: impl IntoIterator<Item = T>, clone: C) -> Self {
        Side { items: input.into_iter().collect(), clone, current: 0 }
    }
}

/// The sides of a [`Product`] except the first, as nested pairs: `(y, (z, ()))`.
pub trait Sides {
    /// One item of each side: `(U, (V, ()))`.
    type Item;

    /// Returns the number of combinations, or `None` if it exceeds `usize::MAX`.
    fn count(&self) -> Option<usize>;

    /// Moves to the next combination, and returns whether it is the first one again.
    fn advance(&mut self) -> bool;

    /// Returns the current combination.
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
        // If one side is empty, there are no combinations, even if the others have too many.
        if self.0.items.is_empty() { Some(0) } else { self.1.count()?.checked_mul(self.0.items.len()) }
    }

    #[inline]
    fn advance(&mut self) -> bool {
        if self.1.advance() {
            self.0.current += 1;
            if self.0.current == self.0.items.len() {
                self.0.current = 0;
                return true;
            }
        }
        false
    }

    #[inline]
    fn get(&self) -> Self::Item {
        let Side { items, clone, current } = &self.0;
        (clone(&items[*current]), self.1.get())
    }
}

/// An iterator over all combinations of the items of several inputs.
///
/// The first input is pulled item by item, and may be endless.
pub struct Product<I: Iterator, C, S> {
    first: I,
    clone: C,
    rest: S,
    /// The number of combinations per item of the first input.
    row_items: usize,
    /// The current item of the first input, and the number of its combinations that are left.
    current: Option<(I::Item, usize)>,
    ended: bool,
}

impl<I: Iterator, C: Fn(&I::Item) -> I::Item, S: Sides> Product<I, C, S> {
    /// Creates a product of the first input and the other sides.
    ///
    /// `names` lists the names of the parameters, for the message.
    ///
    /// # Panics
    ///
    /// If there are more than `usize::MAX` combinations, with the location of the calling code.
    #[track_caller]
    pub fn new(first: I, clone: C, rest: S, names: &'static str) -> Self {
        let row_items = rest.count();
        let all = match (row_items, exact_length(&first)) {
            (Some(row_items), Some(length)) => row_items.checked_mul(length),
            (row_items, _) => row_items,
        };
        assert!(all.is_some(), "`product`: {names} have more than usize::MAX combinations");
        let row_items = row_items.unwrap_or_default();
        // If another side is empty, nothing is pulled from the first input.
        Product { first, clone, rest, row_items, current: None, ended: row_items == 0 }
    }
}

impl<I: Iterator, C: Fn(&I::Item) -> I::Item, S: Sides> Iterator for Product<I, C, S> {
    type Item = (I::Item, S::Item);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let (item, left) = match self.current.take() {
            Some(current) => current,
            None => match self.first.next() {
                Some(item) => (item, self.row_items),
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
        self.current = Some((item, left - 1));
        Some((first, rest))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.ended {
            return (0, Some(0));
        }
        let left = self.current.as_ref().map_or(0, |(_, left)| *left);
        let (least, most) = self.first.size_hint();
        let most = most.and_then(|most| most.checked_mul(self.row_items)?.checked_add(left));
        (least.saturating_mul(self.row_items).saturating_add(left), most)
    }
}

impl<I: Iterator, C: Fn(&I::Item) -> I::Item, S: Sides> FusedIterator for Product<I, C, S> {}
