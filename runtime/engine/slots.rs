//! Decides where results go: each straight to its place in the output vector, and whether a place holds one.
#![allow(unsafe_code)]

use crate::unwind::discard;
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::vec;

/// The places of the output that have not been handed out.
pub(crate) struct Slots<'vec, R> {
    rest: &'vec mut [MaybeUninit<R>],
}

/// The places of consecutive items, the first of them filled; when it is dropped, so are the results in it.
pub(crate) struct Part<'vec, R> {
    places: &'vec mut [MaybeUninit<R>],
    filled: usize,
    /// Results overflow the places: the input had more items than it said.
    overflow: Vec<R>,
}

impl<'vec, R> Slots<'vec, R> {
    /// Places for the next `count` items, as far as there are any left.
    pub(crate) fn take(&mut self, count: usize) -> Part<'vec, R> {
        let rest = mem::take(&mut self.rest);
        let (places, rest) = rest.split_at_mut(count.min(rest.len()));
        self.rest = rest;
        Part { places, filled: 0, overflow: Vec::new() }
    }
}

impl<R> Part<'_, R> {
    /// Puts in the results of the items one by one, up to the first that breaks.
    pub(crate) fn fill<T, B>(&mut self, items: Vec<T>, mut f: impl FnMut(T) -> Result<R, B>) -> Result<(), B> {
        let mut items = Rest(items.into_iter());
        {
            // Counted in a local, and written back also when `f` panics: in the loop nothing but the work is left, and it can be vectorised.
            let mut count = Count { now: 0, filled: &mut self.filled };
            for (place, item) in self.places.iter_mut().zip(&mut items.0) {
                place.write(f(item)?);
                count.now += 1;
            }
        }
        for item in &mut items.0 {
            self.overflow.push(f(item)?);
        }
        Ok(())
    }

    /// How many results are in it.
    pub(crate) fn len(&self) -> usize {
        self.filled + self.overflow.len()
    }

    /// The results, taken out of their places.
    pub(crate) fn take_results(&mut self) -> Vec<R> {
        // Before they are read: nothing takes them a second time.
        let filled = mem::take(&mut self.filled);
        let mut results = Vec::with_capacity(filled + self.overflow.len());
        for place in &self.places[..filled] {
            // SAFETY: `fill` has written to the first `filled` places, and each is read once, for the part says no more that it has them.
            results.push(unsafe { place.assume_init_read() });
        }
        results.append(&mut self.overflow);
        results
    }
}

/// Items that were pulled for a chunk. Those that are left when one fails the loop would not have pulled: their panics are not the call's.
struct Rest<T>(vec::IntoIter<T>);

impl<T> Drop for Rest<T> {
    fn drop(&mut self) {
        if mem::needs_drop::<T>() {
            self.0.by_ref().for_each(discard);
        }
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
        // One by one: should one of them panic, the others are dropped all the same, and it is not the panic of the call.
        if mem::needs_drop::<R>() {
            self.take_results().into_iter().for_each(discard);
        }
    }
}

/// Has `work` fill places behind the end of `output`, and keeps the results of the parts that it returns, in their order; only the last of them
/// may have places left.
///
/// # Panics
///
/// If there is a hole between the parts.
pub(crate) fn append<R>(output: &mut Vec<R>, work: impl for<'vec> FnOnce(Slots<'vec, R>) -> Vec<Part<'vec, R>>) {
    let mut overflow = Vec::new();
    let mut placed = 0;
    let mut is_full = true;
    let spare = output.spare_capacity_mut();
    let start = spare.as_ptr();
    for part in work(Slots { rest: spare }) {
        if !part.places.is_empty() {
            let is_next = part.places.as_ptr() == start.wrapping_add(placed) && overflow.is_empty();
            assert!(is_next && is_full, "there is a hole in the results");
            is_full = part.filled == part.places.len();
        }
        let mut part = ManuallyDrop::new(part);
        placed += part.filled;
        overflow.append(&mut part.overflow);
    }
    let length = output.len() + placed;
    // SAFETY: the first `placed` places of the spare capacity are those of the parts, which lie one behind the other and are filled, as was
    // checked; their results are dropped by nobody else, for the parts have been forgotten.
    unsafe { output.set_len(length) };
    output.append(&mut overflow);
}

#[cfg(test)]
mod tests {
    use super::append;
    use std::rc::Rc;

    #[test]
    fn results_are_appended_in_their_places_and_beyond() {
        let mut output = Vec::with_capacity(6);
        output.push(0);
        append(&mut output, |mut slots| {
            let (mut first, mut second) = (slots.take(3), slots.take(4));
            assert_eq!(second.fill(vec![4, 5, 6, 7], Ok::<_, ()>), Ok(()));
            assert_eq!(first.fill(vec![1, 2, 3], Ok::<_, ()>), Ok(()));
            vec![first, second]
        });
        assert_eq!(output, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn the_last_part_may_have_places_left() {
        let mut output = Vec::with_capacity(5);
        append(&mut output, |mut slots| {
            let (mut first, mut second) = (slots.take(2), slots.take(3));
            assert_eq!(first.fill(vec![1, 2], Ok::<_, ()>), Ok(()));
            assert_eq!(second.fill(vec![3, 0, 0], |item| if item > 0 { Ok(item) } else { Err("no") }), Err("no"));
            vec![first, second]
        });
        assert_eq!(output, [1, 2, 3]);
    }

    /// Fills two parts of two places, the first as far as `first` says, and keeps those that `keeps` says.
    fn fill_two<R: Copy>(result: R, first: usize, keeps: std::ops::Range<usize>) {
        let mut output = Vec::with_capacity(4);
        append(&mut output, |mut slots| {
            let mut parts = vec![slots.take(2), slots.take(2)];
            for (part, count) in parts.iter_mut().zip([first, 2]) {
                let _ = part.fill(vec![result; count], Ok::<_, ()>);
            }
            parts.drain(keeps).collect()
        });
    }

    #[test]
    #[should_panic(expected = "there is a hole in the results")]
    fn a_missing_part_is_noticed() {
        fill_two(1, 2, 1..2);
    }

    #[test]
    #[should_panic(expected = "there is a hole in the results")]
    fn an_unfilled_place_is_noticed() {
        fill_two((), 1, 0..2);
    }

    #[test]
    fn what_is_not_kept_is_dropped_once() {
        let counted = Rc::new(());
        let mut output = Vec::with_capacity(4);
        append(&mut output, |mut slots| {
            let mut part = slots.take(2);
            let items = vec![Some(Rc::clone(&counted)), Some(Rc::clone(&counted)), None, Some(Rc::clone(&counted))];
            assert_eq!(part.fill(items, |item| item.ok_or("an item fails")), Err("an item fails"));
            Vec::new()
        });
        assert!(output.is_empty());
        assert_eq!(Rc::strong_count(&counted), 1);
    }

    #[test]
    fn results_that_are_taken_out_are_dropped_once() {
        let counted = Rc::new(());
        let mut output: Vec<Rc<()>> = Vec::with_capacity(2);
        append(&mut output, |mut slots| {
            let mut part = slots.take(2);
            let items = vec![Rc::clone(&counted), Rc::clone(&counted), Rc::clone(&counted)];
            assert_eq!(part.fill(items, Ok::<_, ()>), Ok(()));
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

    /// Takes places for two items under the lock, and fills them outside of it; the second item may fail.
    fn fill(slots: &Mutex<Slots<'static, Track<usize>>>, fails: bool) -> Part<'static, Track<usize>> {
        let mut part = slots.lock().expect("no panic").take(2);
        let place = |item| if fails && item == 2 { Err(()) } else { Ok(Track::new(item)) };
        let _ = part.fill(vec![1, 2], place);
        part
    }

    /// In whatever order two threads come, each has places of its own, and every result is dropped, and once: loom counts them.
    fn fill_by_two(room: usize, fails: bool) {
        // Loom's threads cannot borrow, so the memory is leaked and taken back.
        let output = Box::leak(Box::new(Vec::with_capacity(room)));
        let memory: *mut Vec<Track<usize>> = output;
        let slots = Arc::new(Mutex::new(Slots { rest: output.spare_capacity_mut() }));
        let helper = loom::thread::spawn({
            let slots = Arc::clone(&slots);
            move || fill(&slots, false)
        });
        let parts = [fill(&slots, fails), helper.join().expect("no panic")];
        let places: Vec<_> =
            parts.iter().flat_map(|part| &part.places[..part.filled]).map(std::ptr::from_ref).collect();
        assert!(
            places.iter().enumerate().all(|(index, place)| !places[..index].contains(place)),
            "a place is taken twice"
        );
        assert_eq!(parts.iter().map(Part::len).sum::<usize>(), if fails { 3 } else { 4 });
        drop((parts, slots));
        // SAFETY: it came from `Box::leak` above, and nothing borrows from it any more.
        drop(unsafe { Box::from_raw(memory) });
    }

    #[test]
    fn two_threads_fill_places() {
        loom::model(|| fill_by_two(4, false));
    }

    #[test]
    fn two_threads_and_too_few_places() {
        loom::model(|| fill_by_two(3, false));
    }

    #[test]
    fn an_item_fails() {
        loom::model(|| fill_by_two(4, true));
    }
}
