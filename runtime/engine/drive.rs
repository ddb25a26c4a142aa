//! The entry of the engine: runs tiny calls and calls of one thread in the plain loop, and passes
//! the others to the course for their kind of input.

use crate::engine::estimate::Estimate;
use crate::engine::known::{KnownCall, known_len, may_be_known};
use crate::engine::lent::is_vec;
use crate::engine::pulled::PulledCall;
use crate::engine::results::Results;
use crate::engine::retain::Retain;
use crate::engine::serial::finish_loop;
use crate::engine::settings::Settings;
use crate::engine::step::Step;
use crate::engine::team;
use crate::engine::tiny::{Begun, TinyCall};
use crate::engine::work::{BreakOf, OutputOf, QuietDrop, Work};
use crate::input::split::Input;
use crate::report::trace::Trace;
use crate::unwind::discard;
use std::panic::resume_unwind;
use std::time::Instant;

/// Runs `work` for every item, and appends the results to `output` in input order.
///
/// `output` must be empty.
///
/// # Errors
///
/// What the lowest item that ended the call returned. `output` and `retain` then have the finished
/// results that `retain` asks for. Others may be dropped.
///
/// # Panics
///
/// With the first panic in input order. `output` then has the same results as after an error.
pub(crate) fn collect<W, I>(
    settings: Settings,
    input: Input<I>,
    work: &W,
    output: &mut Vec<OutputOf<W, I::Item>>,
    retain: Retain<'_, OutputOf<W, I::Item>>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator<Item: Send> + Send,
    W: Work<I::Item> + Sync,
{
    run(settings, &Trace::begin(settings.memory.function(), input.items.size_hint()), input, work, output, retain)
}

/// Does the same as [`collect`] for a call that already has a trace, such as a block of a stream.
pub(crate) fn run<W, I>(
    settings: Settings,
    trace: &Trace,
    mut input: Input<I>,
    work: &W,
    output: &mut Vec<OutputOf<W, I::Item>>,
    retain: Retain<'_, OutputOf<W, I::Item>>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator<Item: Send> + Send,
    W: Work<I::Item> + Sync,
{
    let _entered = trace.enter();
    let mut late_panic = QuietDrop::new(None);
    let mut output = Results::new(output, trace);
    let Settings { memory, threads, .. } = settings;
    let (min_items, max_items) = input.items.size_hint();
    let past = memory.past();
    let mut state = QuietDrop::new(work.state());
    if max_items.is_some_and(|max| max <= 1) || team::is_alone(threads) {
        return run_alone(&mut output, input.items, work, state.get(), &retain);
    }
    let is_block = settings.enough < usize::MAX;
    if let Some(tiny) = TinyCall::predict(past, max_items).filter(|_| !is_block) {
        let sample_start = TinyCall::is_sample().then(Instant::now);
        let begun = tiny.begin(|| {
            let Some(item) = input.items.next() else { return Ok(false) };
            if output.items() == 0 {
                W::Step::reserve(&mut output, min_items);
            }
            output.push(W::Step::output(work.run(state.get(), item).step()?));
            Ok(true)
        })?;
        match begun {
            Begun::Ended => return Ok(()),
            Begun::Confirmed => {
                finish_loop(&mut output, input.items, work, state.get())?;
                if let Some(start) = sample_start {
                    memory.add(nanos_per_item(start.elapsed().as_nanos(), output.items()));
                }
                return Ok(());
            }
            Begun::Refuted => {}
        }
    }
    let estimate = Estimate::new::<W, I::Item>(settings, past);
    // The constant saves the compiler the course of a known input.
    if const { may_be_known::<I>() } {
        if let Some(len) = known_len(&input).filter(|_| !is_block) {
            return KnownCall { work, trace, state, estimate }.run(input, len, &mut output, retain);
        }
    }
    W::Step::reserve(&mut output, input.items.size_hint().0);
    let late = late_panic.get();
    let result = PulledCall { work, trace, state, output, retain, estimate, late_panic: late }.run(input.items);
    match late_panic.get().take() {
        Some(payload) if result.is_ok() => resume_unwind(payload),
        late_panic => discard(late_panic),
    }
    result
}

/// Runs all items on the calling thread.
fn run_alone<W, I>(
    output: &mut Results<'_, OutputOf<W, I::Item>>,
    input: I,
    work: &W,
    state: &mut W::State<'_>,
    retain: &Retain<'_, OutputOf<W, I::Item>>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator,
    W: Work<I::Item>,
{
    if is_vec::<I>() && output.list.capacity() == 0 && matches!(retain, Retain::Nothing) {
        // The standard library reuses the memory of the items for the results.
        return W::Step::collect(output, input.map(|item| work.run(state, item)));
    }
    W::Step::reserve(output, input.size_hint().0);
    finish_loop(output, input, work, state)
}

#[allow(clippy::cast_precision_loss)] // An estimate.
fn nanos_per_item(nanos: u128, items: usize) -> f32 {
    nanos as f32 / items.max(1) as f32
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::collect;
    use crate::engine::memory::Memory;
    use crate::engine::retain::Retain;
    use crate::engine::settings::Settings;
    use crate::engine::step::Always;
    use crate::engine::work::Work;
    use crate::input::split::Input;
    use std::thread;
    use std::time::Duration;

    /// Work that takes as long as its item says.
    struct Sleep;

    impl Work<Duration> for Sleep {
        type Step = Always<()>;
        type State<'work> = ();
        const HAS_STATE: bool = false;

        fn state(&self) {}

        fn run(&self, (): &mut (), item: Duration) -> Always<()> {
            if !item.is_zero() {
                thread::sleep(item);
            }
            Always(())
        }
    }

    /// Returns the times per item that are remembered after tiny calls and one with `millis`.
    fn high_after(memory: &'static Memory, millis: &[u64]) -> f32 {
        memory.add(10.0);
        let items = millis.iter().map(|millis| Duration::from_millis(*millis));
        let input = Input { items, splitter: None };
        assert_eq!(collect(Settings::new(memory), input, &Sleep, &mut Vec::new(), Retain::Nothing), Ok(()));
        memory.past().expect("a call").high
    }

    #[test]
    fn items_that_have_become_long_are_remembered() {
        static TWO: Memory = Memory::new("f");
        static FIRST: Memory = Memory::new("f");
        static SECOND: Memory = Memory::new("f");
        assert!(high_after(&TWO, &[2, 2]) > 1e6, "two items");
        // The second item confirms a tiny call only if the first one was not that long.
        assert!(high_after(&FIRST, &[2, 0, 2, 2, 2]) > 1e6, "a cheap second item");
        assert!(high_after(&SECOND, &[2, 2, 2, 2, 2, 2]) > 1e6, "more items");
    }
}
