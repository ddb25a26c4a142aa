//! The memory for the results of a shared call. Each result is written directly to its slot in the
//! spare capacity of the output vector, or to the place of its item.
#![allow(unsafe_code)]

use crate::unwind::discard;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop, MaybeUninit};

/// The slots that have not been assigned to a chunk.
pub(crate) struct Slots<'vec, R> {
    unassigned: &'vec mut [MaybeUninit<R>],
}

/// The slots for the results of one chunk. Dropping a part drops the results in it.
pub(crate) struct Part<'vec, R> {
    slots: &'vec mut [MaybeUninit<R>],
    /// The number of slots, from the first on, that contain a result.
    filled: usize,
    /// The results after those in the slots, if the input has more items than its size hint said.
    overflow: Vec<R>,
}

impl<'vec, R> Slots<'vec, R> {
    /// Takes slots for the next `count` items, or all that are left if those are fewer.
    pub(crate) fn take(&mut self, count: usize) -> Part<'vec, R> {
        let unassigned = mem::take(&mut self.unassigned);
        let (slots, unassigned) = unassigned.split_at_mut(count.min(unassigned.len()));
        self.unassigned = unassigned;
        Part { slots, filled: 0, overflow: Vec::new() }
    }
}

impl<'vec, R> Part<'vec, R> {
    /// Calls `f` for up to `max` items and stores the results, up to the first item that ends the
    /// call. Returns after fewer than `max` items if the slots are full, or if `items` ends.
    #[inline]
    pub(crate) fn fill<T, B>(
        &mut self,
        items: impl Iterator<Item = T>,
        max: usize,
        mut f: impl FnMut(T) -> Result<R, B>,
    ) -> Result<(), B> {
        let free = &mut self.slots[self.filled..];
        let is_full = free.is_empty();
        let max_slots = max.min(free.len());
        if is_full {
            for item in items.take(max) {
                self.overflow.push(f(item)?);
            }
        } else {
            // Counts in a local variable that is written back at the end, even if `f` panics. The
            // loop then contains nothing but the work, and can be vectorized.
            let mut count = Count { now: self.filled, field: &mut self.filled };
            for (slot, item) in free[..max_slots].iter_mut().zip(items) {
                slot.write(f(item)?);
                count.now += 1;
            }
        }
        Ok(())
    }

    /// Returns how many of up to `max` items the next [`fill`](Self::fill) runs.
    pub(crate) fn group_len(&self, max: usize) -> usize {
        let free = self.slots.len() - self.filled;
        if free == 0 { max } else { max.min(free) }
    }

    /// Splits the part: keeps the slots with results, and at least `count` slots. Returns the free
    /// slots behind them.
    ///
    /// The results in the overflow stay, so the returned part must only get items behind them.
    pub(crate) fn split_off(&mut self, count: usize) -> Part<'vec, R> {
        let kept = self.filled.max(count).min(self.slots.len());
        let (slots, rest) = mem::take(&mut self.slots).split_at_mut(kept);
        self.slots = slots;
        Part { slots: rest, filled: 0, overflow: Vec::new() }
    }

    /// Returns the number of results.
    pub(crate) fn len(&self) -> usize {
        self.filled + self.overflow.len()
    }

    /// Moves the results out of the part.
    pub(crate) fn take_results(&mut self) -> Vec<R> {
        // Set to 0 before the results are read, so that nothing reads or drops them a second time.
        let filled = mem::take(&mut self.filled);
        let mut results = Vec::with_capacity(filled + self.overflow.len());
        for slot in &self.slots[..filled] {
            // SAFETY: `fill` has written to the first `filled` slots. Each of them is read only
            // once, because the part no longer counts it as filled.
            results.push(unsafe { slot.assume_init_read() });
        }
        results.append(&mut self.overflow);
        results
    }
}

/// A count in a local variable, which is written back when this is dropped.
struct Count<'part> {
    now: usize,
    field: &'part mut usize,
}

impl Drop for Count<'_> {
    fn drop(&mut self) {
        *self.field = self.now;
    }
}

impl<R> Drop for Part<'_, R> {
    fn drop(&mut self) {
        // One by one: if dropping a result panics, the others are dropped all the same. The panic
        // is ignored, because it is not that of the call.
        if mem::needs_drop::<R>() {
            self.take_results().into_iter().for_each(discard);
        }
    }
}

/// The slots of a part, each of which contains its item until that runs. The items have the type
/// `T`, need no drop, and have the layout of a result.
pub(crate) struct Loaded<'vec, T, R> {
    part: Part<'vec, R>,
    /// The index of the first slot whose item has not been moved out. The slots before it contain
    /// results, except the last of them if its item has ended the call.
    next: usize,
    /// It owns the items.
    items: PhantomData<&'vec mut T>,
}

impl<'vec, T, R> Loaded<'vec, T, R> {
    /// Returns the number of items that have not run.
    pub(crate) fn remaining(&self) -> usize {
        self.part.slots.len() - self.next
    }

    /// Calls `f` for up to `max` items and stores the results, up to the first item that ends the
    /// call, or before which `must_pause`, called with the number of remaining items, returns true.
    ///
    /// # Panics
    ///
    /// If an item has ended the call before.
    #[inline]
    pub(crate) fn fill<B>(
        &mut self,
        max: usize,
        must_pause: impl Fn(usize) -> bool,
        mut f: impl FnMut(T) -> Result<R, B>,
    ) -> Result<(), B> {
        assert!(self.next == self.part.filled, "an item has ended the call");
        let remaining = self.remaining();
        let count = max.min(remaining);
        let mut filled = Count { now: self.part.filled, field: &mut self.part.filled };
        // Behind the item that runs: its slot is empty if it ends the call or panics.
        let mut next = Count { now: filled.now + 1, field: &mut self.next };
        for (index, slot) in self.part.slots[filled.now..][..count].iter_mut().enumerate() {
            if must_pause(remaining - index) {
                break;
            }
            // SAFETY: `append_in_place` has found an item of type `T` in this slot. It is read only
            // once: the first slot is that of `next`, as checked above, and whether `f` returns
            // or panics, the guard moves `next` behind this slot.
            let item = unsafe { slot.as_ptr().cast::<T>().read() };
            slot.write(f(item)?);
            filled.now += 1;
            next.now += 1;
        }
        // Without a failure, the next item is in the first free slot.
        next.now = filled.now;
        Ok(())
    }

    /// Splits the slots: keeps those with results and up to `count` items, and returns the rest.
    pub(crate) fn split_off(&mut self, count: usize) -> Self {
        let part = self.part.split_off(self.next.saturating_add(count));
        Loaded { part, next: 0, items: PhantomData }
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
    work: impl for<'vec> FnOnce(Loaded<'vec, T, R>) -> Vec<Part<'vec, R>>,
) {
    assert!(is_reusable::<T, R>() && output.is_empty(), "the memory cannot be reused");
    let mut items = ManuallyDrop::new(items);
    let (count, memory, capacity) = (items.len(), items.as_mut_ptr(), items.capacity());
    // SAFETY: The memory was allocated by a `Vec` with this capacity, for items with the size and
    // alignment of `R`, as checked above. That vector is never used again.
    *output = unsafe { Vec::from_raw_parts(memory.cast::<R>(), 0, capacity) };
    append(output, &mut PhantomData::<T>, |mut slots, _| {
        // The first slots contain the items, which nothing else reads or drops.
        let loaded = Loaded { part: slots.take(count), next: 0, items: PhantomData };
        work(loaded)
    });
}

/// Lets `work` fill the slots behind the end of `output`, and appends the results of the parts that
/// it returns, in their order.
///
/// The parts must lie next to each other from the first slot on. Only the last of them may have
/// slots without a result. `work` gets `owner` for as long as the slots. The owner also tells the
/// compiler which types live as long.
///
/// # Panics
///
/// If there is a hole between the results.
pub(crate) fn append<O, R>(
    output: &mut Vec<R>,
    owner: &mut O,
    work: impl for<'vec> FnOnce(Slots<'vec, R>, &'vec mut O) -> Vec<Part<'vec, R>>,
) {
    let mut overflow = Vec::new();
    let mut placed = 0;
    let mut is_full = true;
    let spare = output.spare_capacity_mut();
    let start = spare.as_ptr();
    for part in work(Slots { unassigned: spare }, owner) {
        if !part.slots.is_empty() {
            let is_next = part.slots.as_ptr() == start.wrapping_add(placed) && overflow.is_empty();
            assert!(is_next && is_full, "there is a hole in the results");
            is_full = part.filled == part.slots.len();
        }
        let mut part = ManuallyDrop::new(part);
        placed += part.filled;
        overflow.append(&mut mem::take(&mut part.overflow));
    }
    let length = output.len() + placed;
    // SAFETY: All parts are of this vector, because `work` must accept slots of every lifetime
    // `'vec` and return parts of that lifetime. It can take those only from these slots. As checked
    // above, the parts lie next to each other from the first slot on, and no slot before the last
    // result is empty. So the first `placed` slots of the spare capacity contain results. Nothing
    // else drops these results, because the parts are never dropped.
    unsafe { output.set_len(length) };
    output.append(&mut overflow);
}

#[cfg(test)]
mod tests {
    use super::{Part, append, append_in_place};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    /// Runs all items, up to the first that ends the call.
    fn fill_all<T, R, B>(part: &mut Part<R>, items: Vec<T>, mut f: impl FnMut(T) -> Result<R, B>) -> Result<(), B> {
        let mut items = items.into_iter();
        while items.len() > 0 {
            part.fill(items.by_ref(), usize::MAX, &mut f)?;
        }
        Ok(())
    }

    #[test]
    fn results_are_appended_in_their_slots_and_after_them() {
        let mut output = Vec::with_capacity(6);
        output.push(0);
        append(&mut output, &mut (), |mut slots, ()| {
            let (mut first, mut second) = (slots.take(3), slots.take(4));
            assert_eq!(fill_all(&mut second, vec![4, 5, 6, 7], Ok::<_, ()>), Ok(()));
            assert_eq!(fill_all(&mut first, vec![1, 2, 3], Ok::<_, ()>), Ok(()));
            vec![first, second]
        });
        assert_eq!(output, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn the_last_part_may_have_empty_slots() {
        let mut output = Vec::with_capacity(5);
        append(&mut output, &mut (), |mut slots, ()| {
            let (mut first, mut second) = (slots.take(2), slots.take(3));
            assert_eq!(fill_all(&mut first, vec![1, 2], Ok::<_, ()>), Ok(()));
            assert_eq!(
                fill_all(&mut second, vec![3, 0, 0], |item| if item > 0 { Ok(item) } else { Err("no") }),
                Err("no")
            );
            vec![first, second]
        });
        assert_eq!(output, [1, 2, 3]);
    }

    /// Takes two parts of two slots each, fills `first_len` slots of the first and both of the
    /// second, and returns the parts `returned` to `append`.
    fn fill_two<R: Copy>(result: R, first_len: usize, returned: std::ops::Range<usize>) {
        let mut output = Vec::with_capacity(4);
        append(&mut output, &mut (), |mut slots, ()| {
            let mut parts = vec![slots.take(2), slots.take(2)];
            for (part, len) in parts.iter_mut().zip([first_len, 2]) {
                let _ = fill_all(part, vec![result; len], Ok::<_, ()>);
            }
            parts.drain(returned).collect()
        });
    }

    #[test]
    #[should_panic(expected = "there is a hole in the results")]
    fn a_missing_part_is_noticed() {
        fill_two(1, 2, 1..2);
    }

    #[test]
    #[should_panic(expected = "there is a hole in the results")]
    fn an_empty_slot_is_noticed() {
        fill_two((), 1, 0..2);
    }

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
            vec![first.into_part(), last.into_part()]
        });
        assert_eq!(output, [0, -1, -2, -3, -4, -5, -6, -7, -8, -9]);
        assert_eq!(output.as_ptr(), memory);
    }

    #[test]
    fn an_item_that_ends_the_call_is_not_used_again() {
        let counted = Rc::new(());
        for panics in [false, true] {
            let mut output: Vec<Rc<()>> = Vec::new();
            let items: Vec<&Rc<()>> = vec![&counted; 5];
            append_in_place(&mut output, items, |mut loaded| {
                let mut runs = 0;
                let mut run = |item: &Rc<()>| {
                    runs += 1;
                    assert!(!panics || runs < 3, "the third item panics");
                    if runs < 3 { Ok(Rc::clone(item)) } else { Err("the third item fails") }
                };
                let end = catch_unwind(AssertUnwindSafe(|| loaded.fill(9, |_| false, &mut run)));
                assert!(end.is_err() == panics && (panics || end.is_ok_and(|end| end.is_err())));
                assert_eq!((loaded.remaining(), loaded.part().len()), (2, 2));
                assert_eq!(loaded.split_off(0).remaining(), 2);
                vec![loaded.into_part()]
            });
            assert_eq!(output.len(), 2);
            assert_eq!(Rc::strong_count(&counted), 3);
        }
    }

    #[test]
    fn results_of_dropped_parts_are_dropped_once() {
        let counted = Rc::new(());
        let mut output = Vec::with_capacity(4);
        append(&mut output, &mut (), |mut slots, ()| {
            let mut part = slots.take(2);
            let items = vec![Some(Rc::clone(&counted)), Some(Rc::clone(&counted)), None, Some(Rc::clone(&counted))];
            assert_eq!(fill_all(&mut part, items, |item| item.ok_or("an item fails")), Err("an item fails"));
            Vec::new()
        });
        assert!(output.is_empty());
        assert_eq!(Rc::strong_count(&counted), 1);
    }

    #[test]
    fn results_that_are_moved_out_are_dropped_once() {
        let counted = Rc::new(());
        let mut output: Vec<Rc<()>> = Vec::with_capacity(2);
        append(&mut output, &mut (), |mut slots, ()| {
            let mut part = slots.take(2);
            let items = vec![Rc::clone(&counted), Rc::clone(&counted), Rc::clone(&counted)];
            assert_eq!(fill_all(&mut part, items, Ok::<_, ()>), Ok(()));
            assert_eq!(part.take_results().len(), 3);
            Vec::new()
        });
        assert_eq!(Rc::strong_count(&counted), 1);
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::{Part, Slots};
    use loom::alloc::Track;
    use loom::sync::{Arc, Mutex};

    /// Takes slots for two items under the lock, and fills them outside of it. With `fails`, the
    /// second item ends the call.
    fn fill(slots: &Mutex<Slots<'static, Track<usize>>>, fails: bool) -> Part<'static, Track<usize>> {
        let mut part = slots.lock().expect("no panic").take(2);
        let run = |item| if fails && item == 2 { Err(()) } else { Ok(Track::new(item)) };
        let mut items = vec![1, 2].into_iter();
        while items.len() > 0 && part.fill(items.by_ref(), usize::MAX, run).is_ok() {}
        part
    }

    /// Checks that two threads never share a slot, in whatever order they come. loom checks that
    /// every result is dropped, and only once.
    fn fill_by_two(capacity: usize, fails: bool) {
        // The threads of loom cannot borrow, so the memory is leaked and taken back.
        let output = Box::leak(Box::new(Vec::with_capacity(capacity)));
        let memory: *mut Vec<Track<usize>> = output;
        let slots = Arc::new(Mutex::new(Slots { unassigned: output.spare_capacity_mut() }));
        let worker = loom::thread::spawn({
            let slots = Arc::clone(&slots);
            move || fill(&slots, false)
        });
        let parts = [fill(&slots, fails), worker.join().expect("no panic")];
        let filled: Vec<_> = parts.iter().flat_map(|part| &part.slots[..part.filled]).map(std::ptr::from_ref).collect();
        assert!(
            filled.iter().enumerate().all(|(index, slot)| !filled[..index].contains(slot)),
            "a slot is taken twice"
        );
        assert_eq!(parts.iter().map(Part::len).sum::<usize>(), if fails { 3 } else { 4 });
        drop((parts, slots));
        // SAFETY: The pointer comes from `Box::leak` above, and everything that borrowed from the
        // vector has been dropped.
        drop(unsafe { Box::from_raw(memory) });
    }

    #[test]
    fn two_threads_fill_slots() {
        loom::model(|| fill_by_two(4, false));
    }

    #[test]
    fn two_threads_and_too_few_slots() {
        loom::model(|| fill_by_two(3, false));
    }

    #[test]
    fn an_item_fails() {
        loom::model(|| fill_by_two(4, true));
    }
}
