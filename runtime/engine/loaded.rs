//! Slots that contain the items of a call until these run, so that the results take over the memory
//! of a vector that the caller gave away.
#![allow(unsafe_code)]

use crate::engine::slots::{Part, Parts, append};
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};

/// A part whose free slots contain the items that have not run. The items have the type `T`, need
/// no drop, and have the layout of a result.
pub struct Loaded<'vec, T, R> {
    part: Part<'vec, R>,
    /// Whether an item has ended the call: the first free slot is then empty.
    has_ended: bool,
    /// It owns the items.
    items: PhantomData<&'vec mut T>,
}

impl<'vec, T, R> Loaded<'vec, T, R> {
    /// Returns the number of items that have not run.
    pub(crate) fn remaining(&self) -> usize {
        self.part.free() - usize::from(self.has_ended)
    }

    /// Calls `f` for up to `max` items and stores the results, up to the first item that ends the
    /// call, or before which `must_pause`, called with the number of remaining items, returns true.
    ///
    /// # Panics
    ///
    /// If an item has ended the call before, and if `f` panics, which ends the call.
    #[inline]
    pub(crate) fn fill<B>(
        &mut self,
        max: usize,
        must_pause: impl Fn(usize) -> bool,
        f: impl FnMut(T) -> Result<R, B>,
    ) -> Result<(), B> {
        assert!(!self.has_ended, "an item has ended the call");
        // Stays so if an item ends the call or panics.
        self.has_ended = true;
        // SAFETY: `append_in_place` has found an item of type `T` in each of the slots. Those with
        // results come first, and the items of all others have not been moved out: the item of the
        // first of them only if it has ended the call, which was checked above.
        unsafe { self.part.replace::<T, B>(max, must_pause, f) }?;
        self.has_ended = false;
        Ok(())
    }

    /// Splits the slots: keeps those with results and up to `count` items, and returns the rest.
    pub(crate) fn split_off(&mut self, count: usize) -> Self {
        let empty = usize::from(self.has_ended);
        let kept = self.part.len().saturating_add(empty).saturating_add(count);
        Loaded { part: self.part.split_off(kept), has_ended: false, items: PhantomData }
    }

    /// Returns the results.
    pub(crate) fn part(&self) -> &Part<'vec, R> {
        &self.part
    }

    /// Returns the results, and forgets the items.
    pub(crate) fn into_part(self) -> Part<'vec, R> {
        self.part
    }
}

/// Returns whether the memory of items can be reused for results.
pub(crate) const fn is_reusable<T, R>() -> bool {
    size_of::<T>() == size_of::<R>() && align_of::<T>() == align_of::<R>() && !mem::needs_drop::<T>()
}

/// Does the same as [`append`], with the items in the slots of the results: `output`, which must be
/// empty, takes over the memory of `items`.
///
/// # Panics
///
/// If the memory is not [reusable](is_reusable), or like [`append`].
pub(crate) fn append_in_place<T, R>(
    output: &mut Vec<R>,
    items: Vec<T>,
    work: impl for<'vec> FnOnce(Loaded<'vec, T, R>) -> Parts<'vec, R>,
) {
    assert!(is_reusable::<T, R>() && output.is_empty(), "the memory cannot be reused");
    let mut items = ManuallyDrop::new(items);
    let (count, memory, capacity) = (items.len(), items.as_mut_ptr(), items.capacity());
    // SAFETY: The memory was allocated by a `Vec` with this capacity, for items with the size and
    // alignment of `R`, as checked above. That vector is never used again.
    *output = unsafe { Vec::from_raw_parts(memory.cast::<R>(), 0, capacity) };
    append(output, &mut PhantomData::<T>, |mut slots, _| {
        // The first slots contain the items, which nothing else reads or drops.
        let loaded = Loaded { part: slots.take(count), has_ended: false, items: PhantomData };
        work(loaded)
    });
}

#[cfg(test)]
mod tests {
    use super::append_in_place;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    #[test]
    fn results_replace_items() {
        let mut output: Vec<i32> = Vec::new();
        let items: Vec<u32> = (0..10).collect();
        let memory = items.as_ptr().cast::<i32>();
        append_in_place(&mut output, items, |mut first| {
            let run = |item: u32| Ok::<_, ()>(-i32::try_from(item).expect("a small number"));
            assert_eq!(first.fill(2, |_| false, run), Ok(()));
            let mut last = first.split_off(3);
            assert_eq!((first.remaining(), last.remaining()), (3, 5));
            assert_eq!(last.fill(9, |_| false, run), Ok(()));
            assert_eq!(first.fill(9, |remaining| remaining == 2, run), Ok(()));
            assert_eq!(first.fill(9, |_| false, run), Ok(()));
            assert_eq!((first.remaining(), last.remaining()), (0, 0));
            vec![(0, first.into_part()), (5, last.into_part())]
        });
        assert_eq!(output, [0, -1, -2, -3, -4, -5, -6, -7, -8, -9]);
        assert_eq!(output.as_ptr(), memory);
    }

    #[test]
    fn an_item_that_ends_the_call_is_not_used_again() {
        let counted = Arc::new(());
        for panics in [false, true] {
            let mut output: Vec<Arc<()>> = Vec::new();
            let items: Vec<&Arc<()>> = vec![&counted; 5];
            append_in_place(&mut output, items, |mut loaded| {
                let mut runs = 0;
                let mut run = |item: &Arc<()>| {
                    runs += 1;
                    assert!(!panics || runs < 3, "the third item panics");
                    if runs < 3 { Ok(Arc::clone(item)) } else { Err("the third item fails") }
                };
                let end = catch_unwind(AssertUnwindSafe(|| loaded.fill(9, |_| false, &mut run)));
                assert!(end.is_err() == panics && (panics || end.is_ok_and(|end| end.is_err())));
                assert_eq!((loaded.remaining(), loaded.part().len()), (2, 2));
                assert_eq!(loaded.split_off(0).remaining(), 2);
                vec![(0, loaded.into_part())]
            });
            assert_eq!(output.len(), 2);
            assert_eq!(Arc::strong_count(&counted), 3);
        }
    }
}
