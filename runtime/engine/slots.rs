//! The memory for the results of a shared call. Each result is written directly to its slot in the
//! spare capacity of the output vector. If items may have no result, there are no slots.
#![allow(unsafe_code)]

use crate::unwind::discard;
use std::mem::{self, ManuallyDrop, MaybeUninit};

/// Maximum number of results of a part that is joined to the part before it. That is done under the
/// lock of the source. With more results, the memory of the part itself is not noticeable.
const MAX_JOINED_RESULTS: usize = 64;

/// The slots that have not been assigned to a chunk.
pub struct Slots<'vec, R> {
    unassigned: &'vec mut [MaybeUninit<R>],
    /// Whether parts keep the index of each result.
    keeps_indices: bool,
}

/// The slots for the results of one chunk. Dropping a part drops the results in it.
pub struct Part<'vec, R> {
    slots: &'vec mut [MaybeUninit<R>],
    /// The number of slots, from the first on, that contain a result.
    filled: usize,
    /// The results after those in the slots: of more items than the size hint of the input said, or
    /// all results if items may have none.
    overflow: Vec<R>,
    /// The number of items that have run and have no result.
    skipped: usize,
    /// The index of each result within the part, if items may have none and the call may need it.
    indices: Option<Vec<usize>>,
}

/// Parts, each with the index of its first item.
pub(crate) type Parts<'vec, R> = Vec<(usize, Part<'vec, R>)>;

impl<'vec, R> Slots<'vec, R> {
    /// Returns no slots, for a call whose items may have no result.
    pub(crate) fn none(keeps_indices: bool) -> Self {
        Slots { unassigned: &mut [], keeps_indices }
    }

    /// Takes slots for the next `count` items, or all that are left if those are fewer.
    pub(crate) fn take(&mut self, count: usize) -> Part<'vec, R> {
        let unassigned = mem::take(&mut self.unassigned);
        let (slots, unassigned) = unassigned.split_at_mut(count.min(unassigned.len()));
        self.unassigned = unassigned;
        Part::new(slots, self.keeps_indices)
    }
}

impl<'vec, R> Part<'vec, R> {
    fn new(slots: &'vec mut [MaybeUninit<R>], keeps_indices: bool) -> Self {
        Part { slots, filled: 0, overflow: Vec::new(), skipped: 0, indices: keeps_indices.then(Vec::new) }
    }

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
        if free.is_empty() {
            for item in items.take(max) {
                self.overflow.push(f(item)?);
            }
            return Ok(());
        }
        let max_slots = max.min(free.len());
        // Counts in a local variable that is written back at the end, even if `f` panics. The loop
        // then contains nothing but the work, and can be vectorized.
        let mut count = Counter::new(&mut self.filled);
        for (slot, item) in free[..max_slots].iter_mut().zip(items) {
            slot.write(f(item)?);
            count.now += 1;
        }
        Ok(())
    }

    /// Does the same without slots, and stores only the results for which `is_kept` returns true.
    #[inline]
    pub(crate) fn sift<T, B>(
        &mut self,
        items: impl Iterator<Item = T>,
        max: usize,
        is_kept: impl Fn(&R) -> bool,
        mut f: impl FnMut(T) -> Result<R, B>,
    ) -> Result<(), B> {
        let mut skipped = Counter::new(&mut self.skipped);
        for item in items.take(max) {
            let result = f(item)?;
            if !is_kept(&result) {
                skipped.now += 1;
                continue;
            }
            if let Some(indices) = &mut self.indices {
                indices.push(self.overflow.len() + skipped.now);
            }
            self.overflow.push(result);
        }
        Ok(())
    }

    /// Calls `f` with the items in up to `max` free slots, and replaces each by its result, up to
    /// the first item that ends the call, or before which `must_pause`, called with the number of
    /// free slots, returns true.
    ///
    /// # Safety
    ///
    /// Each of the next `max` free slots contains an item of type `T`, which nothing else reads or
    /// drops. That of the first slot without a result has been moved out if `f` fails or panics.
    #[inline]
    pub(crate) unsafe fn replace<T, B>(
        &mut self,
        max: usize,
        must_pause: impl Fn(usize) -> bool,
        mut f: impl FnMut(T) -> Result<R, B>,
    ) -> Result<(), B> {
        let free = self.free();
        let mut count = Counter::new(&mut self.filled);
        // A slice of the right length: with `take`, the loop was not vectorized (measured).
        for (index, slot) in self.slots[count.now..][..max.min(free)].iter_mut().enumerate() {
            if must_pause(free - index) {
                break;
            }
            // SAFETY: The caller ensures that the slot contains an item. It is read only once,
            // because its result replaces it, or this function returns.
            let item = unsafe { slot.as_ptr().cast::<T>().read() };
            slot.write(f(item)?);
            count.now += 1;
        }
        Ok(())
    }

    /// Returns the number of slots without a result.
    pub(crate) fn free(&self) -> usize {
        self.slots.len() - self.filled
    }

    /// Returns how many of up to `max` items the next [`fill`](Self::fill) runs.
    pub(crate) fn group_len(&self, max: usize) -> usize {
        let free = self.free();
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
        Part::new(rest, self.indices.is_some())
    }

    /// Appends the results of the next part, if neither part has slots and the results are few.
    /// Otherwise returns that part.
    pub(crate) fn join(&mut self, mut next: Self) -> Option<Self> {
        let is_small = self.slots.is_empty() && next.slots.is_empty() && next.overflow.len() <= MAX_JOINED_RESULTS;
        if !is_small {
            return Some(next);
        }
        let len = self.len();
        if let (Some(indices), Some(next)) = (&mut self.indices, next.indices.take()) {
            indices.extend(next.into_iter().map(|index| len + index));
        }
        self.skipped += next.skipped;
        self.overflow.append(&mut next.overflow);
        None
    }

    /// Returns the number of items that have run.
    pub(crate) fn len(&self) -> usize {
        self.filled + self.overflow.len() + self.skipped
    }

    /// Returns the number of items that have run and have no result.
    pub(crate) fn skipped(&self) -> usize {
        self.skipped
    }

    /// Moves the results out of the part, each with the index of its item within the part.
    pub(crate) fn take_indexed(&mut self) -> impl Iterator<Item = (usize, R)> {
        let indices = self.indices.take();
        let index = move |place| indices.as_ref().map_or(place, |indices: &Vec<usize>| indices[place]);
        self.take_results().into_iter().enumerate().map(move |(place, result)| (index(place), result))
    }

    /// Moves the results out of the part.
    pub(crate) fn take_results(&mut self) -> Vec<R> {
        if self.filled == 0 {
            return mem::take(&mut self.overflow);
        }
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
pub(crate) struct Counter<'count> {
    pub(crate) now: usize,
    count: &'count mut usize,
}

impl<'count> Counter<'count> {
    #[inline]
    pub(crate) fn new(count: &'count mut usize) -> Self {
        Counter { now: *count, count }
    }
}

impl Drop for Counter<'_> {
    #[inline]
    fn drop(&mut self) {
        *self.count = self.now;
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
    work: impl for<'vec> FnOnce(Slots<'vec, R>, &'vec mut O) -> Parts<'vec, R>,
) {
    let spare = output.spare_capacity_mut();
    let start = spare.as_ptr();
    let (placed, mut overflow) = keep(start, work(Slots { unassigned: spare, keeps_indices: false }, owner));
    let length = output.len() + placed;
    // SAFETY: All parts are of this vector, because `work` must accept slots of every lifetime
    // `'vec` and return parts of that lifetime. It can take those only from these slots. As checked
    // in `keep`, the parts lie next to each other from the first slot on, and no slot before the
    // last result is empty. So the first `placed` slots of the spare capacity contain results.
    // Nothing else drops these results, because `keep` never drops the parts.
    unsafe { output.set_len(length) };
    output.append(&mut overflow);
}

/// Keeps the results of parts whose slots begin at `start`: those in the slots, whose number is
/// returned, are not dropped, and the others are moved out.
///
/// # Panics
///
/// If there is a hole between the results.
fn keep<R>(start: *const MaybeUninit<R>, parts: Parts<'_, R>) -> (usize, Vec<R>) {
    let mut overflow = Vec::new();
    let mut placed = 0;
    let mut is_full = true;
    for (_, part) in parts {
        if !part.slots.is_empty() {
            let is_next = part.slots.as_ptr() == start.wrapping_add(placed) && overflow.is_empty();
            assert!(is_next && is_full, "there is a hole in the results");
            is_full = part.filled == part.slots.len();
        }
        let mut part = ManuallyDrop::new(part);
        placed += part.filled;
        overflow.append(&mut mem::take(&mut part.overflow));
    }
    (placed, overflow)
}

#[cfg(test)]
mod tests {
    use super::{MAX_JOINED_RESULTS, Part, Slots, append};
    use std::sync::Arc;

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
            vec![(0, first), (1, second)]
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
            vec![(0, first), (1, second)]
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
            parts.drain(returned).enumerate().collect()
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
    fn results_of_dropped_parts_are_dropped_once() {
        let counted = Arc::new(());
        let mut output = Vec::with_capacity(4);
        append(&mut output, &mut (), |mut slots, ()| {
            let mut part = slots.take(2);
            let items = vec![Some(Arc::clone(&counted)), Some(Arc::clone(&counted)), None, Some(Arc::clone(&counted))];
            assert_eq!(fill_all(&mut part, items, |item| item.ok_or("an item fails")), Err("an item fails"));
            Vec::new()
        });
        assert!(output.is_empty());
        assert_eq!(Arc::strong_count(&counted), 1);
    }

    /// Returns a part without slots that has run `items`, of which it keeps those of 10 and more.
    fn sift(items: std::ops::Range<usize>) -> Part<'static, usize> {
        let mut part = Slots::none(true).take(items.len());
        assert_eq!(part.sift(items, usize::MAX, |item| *item >= 10, Ok::<_, ()>), Ok(()));
        part
    }

    #[test]
    fn joined_parts_keep_counts_and_indices() {
        let mut part = sift(8..11);
        assert!(part.join(sift(0..2)).is_none());
        assert!(part.join(sift(9..12)).is_none());
        assert_eq!((part.len(), part.skipped()), (8, 5));
        let large = part.join(sift(10..11 + MAX_JOINED_RESULTS));
        assert_eq!(large.map(|large| large.len()), Some(1 + MAX_JOINED_RESULTS));
        assert!(part.take_indexed().eq([(2, 10), (6, 10), (7, 11)]));
    }

    #[test]
    fn results_that_are_moved_out_are_dropped_once() {
        let counted = Arc::new(());
        let mut output: Vec<Arc<()>> = Vec::with_capacity(2);
        append(&mut output, &mut (), |mut slots, ()| {
            let mut part = slots.take(2);
            let items = vec![Arc::clone(&counted), Arc::clone(&counted), Arc::clone(&counted)];
            assert_eq!(fill_all(&mut part, items, Ok::<_, ()>), Ok(()));
            assert_eq!(part.take_results().len(), 3);
            Vec::new()
        });
        assert_eq!(Arc::strong_count(&counted), 1);
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
        let slots = Arc::new(Mutex::new(Slots { unassigned: output.spare_capacity_mut(), keeps_indices: false }));
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
