//! The items of a `Vec` that the caller gave away: parts of it are handed to the threads of a call,
//! and each item is read where it lies.
#![allow(unsafe_code)]

use crate::input::split::{erased, has_small_items, has_vec_layout};
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::{ptr, slice, vec};

/// Returns whether an input is the iterator of a `Vec`.
#[inline]
pub(crate) fn is_vec<I: Iterator>() -> bool {
    if const { has_vec_layout::<I>() } { erased::<I>() == erased::<vec::IntoIter<I::Item>>() } else { false }
}

/// Returns whether an input may be a vector for which [`is_plain_vec`] is true. Can be a constant.
pub(crate) const fn may_be_plain_vec<I: Iterator>() -> bool {
    has_vec_layout::<I>() && has_small_items::<I>() && !mem::needs_drop::<I::Item>()
}

/// Returns whether an input is the iterator of a `Vec` whose items need no drop, and are small.
///
/// Other items must be dropped in their order if the call ends before them, which the iterator
/// does.
#[inline]
pub(crate) fn is_plain_vec<I: Iterator>() -> bool {
    may_be_plain_vec::<I>() && is_vec::<I>()
}

/// Returns an input as the iterator of a `Vec` that it is.
///
/// # Panics
///
/// If [`is_plain_vec`] is false.
pub(crate) fn into_vec_iter<I: Iterator>(input: I) -> vec::IntoIter<I::Item> {
    assert!(is_plain_vec::<I>(), "the input is another iterator");
    let input = ManuallyDrop::new(input);
    // SAFETY: `I` is a `vec::IntoIter<T>` except for lifetimes, as checked above. Its items have
    // the type `T`, so `T` is `I::Item` with the same lifetimes, and the types are the same. The
    // original is never used again.
    unsafe { ptr::from_ref(&input).cast::<vec::IntoIter<I::Item>>().read() }
}

/// The owner of the items of a call.
pub(crate) struct Lender<T> {
    items: vec::IntoIter<T>,
    is_lent: bool,
}

impl<T> Lender<T> {
    pub(crate) fn new(items: vec::IntoIter<T>) -> Self {
        Lender { items, is_lent: false }
    }

    /// Returns the number of items.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Lends all items. Each of them is moved out when it runs.
    ///
    /// # Panics
    ///
    /// If they have been lent before, or need a drop.
    pub(crate) fn lend(&mut self) -> Lent<'_, T> {
        assert!(!mem::replace(&mut self.is_lent, true) && !mem::needs_drop::<T>(), "the items cannot be lent");
        let items = self.items.as_mut_slice();
        // SAFETY: The slice has the same length, layout and lifetime, and stays borrowed. Nobody
        // writes anything else than a `T` to it, because a `Lent` only reads.
        let items = unsafe { slice::from_raw_parts_mut(items.as_mut_ptr().cast(), items.len()) };
        Lent(items.iter_mut())
    }
}

/// Items of a [`Lender`] that have not been moved out. It owns them.
pub(crate) struct Lent<'owner, T>(slice::IterMut<'owner, MaybeUninit<T>>);

impl<T> Lent<'_, T> {
    /// Returns the number of items.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Removes the first `count` items, and returns them.
    #[inline]
    pub(crate) fn split_front(&mut self, count: usize) -> Self {
        let (front, rest) = mem::take(&mut self.0).into_slice().split_at_mut(count);
        self.0 = rest.iter_mut();
        Lent(front.iter_mut())
    }

    /// Returns an iterator over the items. Unlike [`next`](Lent::next), it allows the compiler to
    /// vectorize a loop that pulls from another iterator at the same time.
    #[inline]
    pub(crate) fn into_items(self) -> impl Iterator<Item = T> {
        // SAFETY: All items were initialized when they were lent. Each of them is read once,
        // because a `Lent` yields each exclusive reference once. The lender never touches its items
        // again, not even to drop them, because they need no drop.
        self.0.map(|item| unsafe { item.assume_init_read() })
    }
}

impl<T> Iterator for Lent<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let item = self.0.next()?;
        // SAFETY: As in `into_items`.
        Some(unsafe { item.assume_init_read() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Lender, into_vec_iter, is_plain_vec};

    fn is_plain<I: Iterator>(_: &I) -> bool {
        is_plain_vec::<I>()
    }

    #[test]
    fn items_are_moved_out_in_parts() {
        let mut numbers = [1, 2, 3, 4, 5];
        let references: Vec<&mut i32> = numbers.iter_mut().collect();
        let mut input = references.into_iter();
        *input.next().expect("five items") += 10;
        let mut lender = Lender::new(into_vec_iter(input));
        let mut rest = lender.lend();
        let front = rest.split_front(2);
        assert_eq!((front.len(), rest.len()), (2, 2));
        let last = rest.split_front(2).into_items();
        let all: Vec<&mut i32> = front.chain(last).collect();
        assert!(rest.next().is_none());
        drop(lender);
        for number in all {
            *number += 20;
        }
        assert_eq!(numbers, [11, 22, 23, 24, 25]);
    }

    #[test]
    fn only_vectors_of_plain_items_are_lent() {
        assert!(is_plain(&vec![1.0].into_iter()));
        assert!(is_plain(&vec![&String::new()].into_iter()));
        assert!(!is_plain(&vec![String::new()].into_iter()));
        assert!(!is_plain(&vec![[0_u8; 5000]].into_iter()));
        assert!(!is_plain(&[1.0].iter()));
        assert!(!is_plain(&vec![1.0].into_iter().rev()));
    }

    #[test]
    #[should_panic(expected = "cannot be lent")]
    fn items_are_lent_once() {
        let mut lender = Lender::new(vec![1].into_iter());
        let _ = lender.lend();
        let _ = lender.lend();
    }

    #[test]
    #[should_panic(expected = "another iterator")]
    fn other_inputs_are_rejected() {
        into_vec_iter(0..3);
    }
}
