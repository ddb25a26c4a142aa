//! Decides where results go: each straight to its place in the output vector, and whether a place holds one.
#![allow(unsafe_code)]

use std::mem::{ManuallyDrop, MaybeUninit};

/// The places of the output that have not been handed out.
pub(crate) struct Slots<'vec, R> {
    rest: &'vec mut [MaybeUninit<R>],
}

/// The places of consecutive items, the first of them filled; when it is dropped, so are the results in it.
pub(crate) struct Part<'vec, R> {
    places: &'vec mut [MaybeUninit<R>],
    filled: usize,
    /// Results beyond the places: the input had more items than it said.
    beyond: Vec<R>,
}

impl<'vec, R> Slots<'vec, R> {
    /// Places for the next `count` items, as far as there are any left.
    pub(crate) fn take(&mut self, count: usize) -> Part<'vec, R> {
        let rest = std::mem::take(&mut self.rest);
        let (places, rest) = rest.split_at_mut(count.min(rest.len()));
        self.rest = rest;
        Part { places, filled: 0, beyond: Vec::new() }
    }
}

impl<R> Part<'_, R> {
    /// Puts in the results of the items one by one, up to the first that breaks.
    pub(crate) fn fill<T, B>(&mut self, items: Vec<T>, mut f: impl FnMut(T) -> Result<R, B>) -> Result<(), B> {
        let mut items = items.into_iter();
        {
            // Counted in a local, and written back also when `f` panics: in the loop nothing but the work is left, and it can be vectorised.
            let mut count = Count { now: 0, filled: &mut self.filled };
            for (place, item) in self.places.iter_mut().zip(&mut items) {
                place.write(f(item)?);
                count.now += 1;
            }
        }
        for item in items {
            self.beyond.push(f(item)?);
        }
        Ok(())
    }

    /// How many results are in it.
    pub(crate) fn len(&self) -> usize {
        self.filled + self.beyond.len()
    }
}

/// How many places have been filled, for the part to know when this is dropped.
struct Count<'part> {
    now: usize,
    filled: &'part mut usize,
}

impl Drop for Count<'_> {
    fn drop(&mut self) {
        *self.filled = self.now;
    }
}

impl<R> Drop for Part<'_, R> {
    fn drop(&mut self) {
        let filled = &raw mut self.places[..self.filled];
        // SAFETY: `fill` has written to the first `filled` places, and nobody has taken anything from them, for `append` forgets a part whose
        // results it keeps. As a slice, so that all are dropped even if one of them panics when it is.
        unsafe { std::ptr::drop_in_place(filled as *mut [R]) };
    }
}

/// Has `work` fill places behind the end of `output`, and keeps the results of the parts that it returns, in their order.
///
/// # Panics
///
/// If there is a hole between the parts.
pub(crate) fn append<R, E>(
    output: &mut Vec<R>,
    work: impl for<'vec> FnOnce(Slots<'vec, R>) -> Result<Vec<Part<'vec, R>>, E>,
) -> Result<(), E> {
    let mut beyond = Vec::new();
    let mut placed = 0;
    let spare = output.spare_capacity_mut();
    let start = spare.as_ptr();
    for part in work(Slots { rest: spare })? {
        if !part.places.is_empty() {
            let is_next = part.places.as_ptr() == start.wrapping_add(placed) && beyond.is_empty();
            assert!(is_next && part.filled == part.places.len(), "there is a hole in the results");
        }
        let mut part = ManuallyDrop::new(part);
        placed += part.filled;
        beyond.append(&mut part.beyond);
    }
    let length = output.len() + placed;
    // SAFETY: the first `placed` places of the spare capacity are those of the parts, which lie one behind the other and are filled, as was
    // checked; their results are dropped by nobody else, for the parts have been forgotten.
    unsafe { output.set_len(length) };
    output.append(&mut beyond);
    Ok(())
}
