//! What a call knows about its costs: whether worker threads would shorten it.

use crate::engine::clock;
use crate::engine::grain::{
    Grain, MAX_CHEAP_ITEM_NANOS, MIN_WORK_IF_AWAKE_NANOS, MIN_WORK_IF_LINGERING_NANOS, MIN_WORK_TO_WAKE_NANOS,
};
use crate::engine::judge::MAX_JUDGED_WAITING_ITEM_NANOS;
use crate::engine::ledger::{Ledger, Prospect};
use crate::engine::memory::Past;
use crate::engine::settings::Settings;
use crate::engine::team::Team;
use crate::engine::wake;
use crate::engine::work::Work;

/// Minimum time, in nanoseconds, that the first items must have taken before worker threads are
/// woken, because a shorter sample does not predict the rest. Before it, only the cycle counter is
/// read, which is cheaper than the clock and advances at least once per nanosecond.
pub(crate) const MIN_MEASURED_NANOS: u64 = 4_000;

/// Minimum time, in nanoseconds, that the calling thread has worked alone before a call is shared
/// although sharing did not win before. Trying costs up to a twentieth of it, unless items are
/// long. It doubles each time that sharing does not win again in this call.
const MIN_NANOS_TO_SHARE_AGAIN: u64 = 10_000_000;

/// Maximum number of these doublings: then it is 0.64 s.
const MAX_DOUBLINGS: u32 = 6;

/// Maximum time of an item, in nanoseconds, that is not worth sharing if it must be pulled first:
/// that takes about as long, and only one thread at a time does it. (Measured: no input gained by
/// sharing items of 1 ns.)
const MAX_WORTHLESS_ITEM_NANOS: f64 = 2.0;

/// Minimum number of items per thread with which the first item of an unknown function is tried
/// alone. If it proves as expensive as the others, the call has lost a part in that number.
const MIN_ITEMS_TO_TRY_ONE: usize = 32;

/// Minimum factor by which the items of a call must become more expensive before it is shared again
/// after sharing did not win.
const MIN_RISE_TO_SHARE_AGAIN: f64 = 2.0;

/// Minimum time, in nanoseconds, that the calling thread works alone at the beginning of a search,
/// which may end at any item. Waking a worker thread for nothing costs about a twentieth of it.
const MIN_SEARCH_ALONE_NANOS: u32 = 100_000;

/// What a timed call knows about its costs. Not generic, so that its code is compiled only once.
#[allow(clippy::struct_excessive_bools)] // They are independent.
pub(crate) struct Estimate {
    pub(crate) settings: Settings,
    /// What earlier calls took.
    past: Option<Past>,
    pub(crate) grain: Grain,
    /// Whether each thread creates a state, which it must create only once per call.
    has_state: bool,
    /// Minimum time of an item that is shared, in nanoseconds.
    min_shared_item_nanos: f64,
    /// Whether worker threads have been called. They may have created their states.
    pub(crate) has_called: bool,
    /// Whether worker threads are woken for a call that is too short for that, because the next
    /// calls find them lingering.
    wakes_for_next_call: bool,
    /// Whether worker threads are woken for cheap items only because items of earlier calls waited.
    wakes_for_wait: bool,
    /// The time per item, in nanoseconds, with which sharing the call was found not to win; 0 if it
    /// was not.
    pub(crate) rejected_nanos: f64,
    /// Whether that was found in earlier calls only.
    is_recalled: bool,
    /// How many times it was found in this call.
    rejections: u32,
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // Estimates.
impl Estimate {
    /// Creates the estimate of a call of which nothing has been measured.
    pub(crate) fn new<W: Work<T>, T>(settings: Settings, past: Option<Past>) -> Self {
        Estimate {
            settings,
            past,
            grain: Grain::default(),
            has_state: W::HAS_STATE,
            min_shared_item_nanos: W::MIN_SHARED_ITEM_NANOS,
            has_called: false,
            wakes_for_next_call: false,
            wakes_for_wait: false,
            rejected_nanos: 0.0,
            is_recalled: false,
            rejections: 0,
        }
    }

    /// Shares no items that take less than this, in nanoseconds.
    pub(crate) fn share_from(mut self, nanos: f64) -> Self {
        self.min_shared_item_nanos = self.min_shared_item_nanos.max(nanos);
        self
    }

    /// Returns what earlier calls took.
    pub(crate) fn past(&self) -> Option<Past> {
        self.past
    }

    /// Returns the time that `items` items take, in nanoseconds, judging by those that have been
    /// measured.
    #[allow(clippy::cast_sign_loss)] // Times are positive.
    pub(crate) fn nanos_of(&self, items: usize) -> u64 {
        (self.grain.mean_nanos() * items as f64) as u64
    }

    /// Returns whether worker threads would shorten the remaining work, and one is available.
    ///
    /// The calling thread has worked alone since `start`.
    pub(crate) fn pays(&self, remaining_items: usize, start: u64, now: u64) -> bool {
        let min_work = if wake::is_affordable(now) { MIN_WORK_IF_AWAKE_NANOS } else { MIN_WORK_TO_WAKE_NANOS };
        let grain = &self.grain;
        let item = grain.warm_item_nanos();
        // Sharing a second time would create the states of the worker threads again.
        // A single item, or time in which the thread was preempted, does not prove heavier items.
        let min_heavy_nanos = f64::from(MAX_CHEAP_ITEM_NANOS).max(MIN_RISE_TO_SHARE_AGAIN * self.rejected_nanos);
        let is_heavier = grain.has_several_items() && grain.min_item_nanos() >= min_heavy_nanos;
        // The machine may have been busy when sharing did not win.
        let doublings = self.rejections.saturating_sub(1).min(MAX_DOUBLINGS);
        let is_long = now - start >= MIN_NANOS_TO_SHARE_AGAIN << doublings;
        let may_share = self.rejected_nanos == 0.0 || (is_long || is_heavier) && !(self.has_state && self.has_called);
        let may_end_soon = self.is_unshared_search() && now - start < u64::from(MIN_SEARCH_ALONE_NANOS);
        remaining_items as f64 * item >= min_work
            && grain.is_confirmed()
            && item >= self.min_shared_item_nanos
            && may_share
            && !may_end_soon
            && Team::of(self.settings.threads).available_workers() > 0
    }

    /// Returns the higher of the times per item that this call and earlier ones have measured, in
    /// nanoseconds; `None` unless both have.
    fn max_item_nanos(&self) -> Option<f64> {
        Some(self.grain.known_item_nanos()?.max(f64::from(self.past?.high)))
    }

    /// Returns whether worker threads would not shorten the remaining work, according to both this
    /// call and earlier ones. Either too little work remains, or the items were found too cheap.
    pub(crate) fn never_pays(&self, max_remaining_items: Option<usize>) -> bool {
        let Some(item) = self.max_item_nanos() else { return false };
        self.rejected_nanos > 0.0 && item <= f64::from(MAX_CHEAP_ITEM_NANOS)
            || max_remaining_items.is_some_and(|remaining| item * remaining as f64 <= MIN_WORK_IF_AWAKE_NANOS)
    }

    /// Does the same for items that are pulled from their input.
    pub(crate) fn never_pays_to_pull(&self, max_remaining_items: Option<usize>) -> bool {
        self.max_item_nanos().is_some_and(|item| item <= MAX_WORTHLESS_ITEM_NANOS)
            || self.never_pays(max_remaining_items)
    }

    /// Returns the team with which at most `max_items` items are shared.
    pub(crate) fn team(&self, max_items: Option<usize>) -> Team {
        let team = Team::of(self.settings.threads).for_items(max_items);
        if self.wakes_for_wait { team.starting_with_one() } else { team }
    }

    /// Returns whether items have waited in earlier calls that asked for more threads than their
    /// pool has. They may do so again, maybe for each other.
    fn have_items_waited(&self) -> bool {
        let threads = self.settings.threads;
        let have_waited = |past: Past| f64::from(past.high) >= MAX_JUDGED_WAITING_ITEM_NANOS;
        threads.is_some() && self.past.is_some_and(have_waited) && Team::of(threads).is_crew()
    }

    /// Returns what is known when the call is shared by a team.
    pub(crate) fn prospect(&mut self, team: &Team) -> Prospect {
        let (low, high) = self.past.map_or((0.0, f64::INFINITY), |past| (f64::from(past.low), f64::from(past.high)));
        // More than ever before is probably a time in which the thread was preempted.
        let is_known = self.grain.known_item_nanos().is_some();
        let is_measured = is_known && !self.has_called;
        let alone_nanos = if is_known {
            self.grain.min_item_nanos().min(high)
        } else if self.wakes_for_wait {
            // The items that were quick tell nothing about those that waited.
            0.0
        } else {
            low
        };
        self.grain.expect(low);
        Prospect {
            threads: team.threads(),
            items_may_wait: team.is_crew(),
            input_may_wait: self.settings.may_wait,
            grain: self.grain,
            alone_nanos,
            is_measured,
        }
    }

    /// Recalls whether sharing has not won in earlier calls, with inputs that were known or not.
    /// Returns whether worker threads are woken before the first item.
    pub(crate) fn recall(&mut self, is_known: bool, size_hint: (usize, Option<usize>), now: u64) -> bool {
        let rejected = self.settings.memory.verdict(is_known).skip_sharing().map(f64::from);
        // Other items may wait, maybe for each other.
        let is_cheap = |nanos: f64| nanos < MAX_JUDGED_WAITING_ITEM_NANOS && !self.have_items_waited();
        let skips = |nanos: &f64| is_cheap(*nanos) || !Team::of(self.settings.threads).is_crew();
        self.rejected_nanos = rejected.filter(skips).map_or(0.0, |nanos| nanos.max(1.0));
        self.is_recalled = self.rejected_nanos > 0.0;
        !self.is_recalled && self.pays_from_the_start(size_hint, now)
    }

    /// Returns whether worker threads are woken before the first item. For a known function, even
    /// the lowest time per item must promise enough work. An unknown function is assumed to be
    /// expensive, unless there are enough items to try the first of them alone. With fewer than two
    /// items, worker threads never pay.
    fn pays_from_the_start(&mut self, (min_items, max_items): (usize, Option<usize>), now: u64) -> bool {
        let threads = self.settings.threads;
        let has_lingering = || Team::of(threads).has_lingering();
        let mut is_for_next_call = false;
        let expected_items = min_items.max(if max_items.is_none_or(|max| max >= 2) { 2 } else { 0 });
        let pays = expected_items >= 2
            && self.past.is_none_or(|past| {
                let work = f64::from(past.low) * expected_items as f64;
                past.low >= MAX_CHEAP_ITEM_NANOS
                    && f64::from(past.low) >= self.min_shared_item_nanos
                    && (work >= MIN_WORK_TO_WAKE_NANOS
                        || work >= MIN_WORK_IF_AWAKE_NANOS && wake::is_affordable(now)
                        || work >= MIN_WORK_IF_LINGERING_NANOS && {
                            is_for_next_call = !has_lingering();
                            !is_for_next_call || wake::has_lost()
                        })
            });
        // On the calling thread alone, the first item could wait for the others.
        self.wakes_for_wait = expected_items >= 2 && !pays && self.have_items_waited();
        let pays = pays || self.wakes_for_wait;
        self.wakes_for_next_call = is_for_next_call && !self.wakes_for_wait;
        let may_end_soon =
            self.is_unshared_search() && self.past.is_some_and(|past| past.low < MIN_SEARCH_ALONE_NANOS as f32);
        if !pays || may_end_soon {
            return false;
        }
        let team = Team::of(threads);
        // A search may end at its first item, so the call should not cost more than that.
        let items = if self.settings.is_search { max_items.unwrap_or(usize::MAX) } else { min_items };
        !self.tries_first_item(items, team.threads()) && team.available_workers() > 0
    }

    /// Returns whether the call is a search that has not been shared. With a given number of
    /// threads, items may wait for each other, so that such a search is shared like other calls.
    fn is_unshared_search(&self) -> bool {
        self.settings.is_search && self.settings.threads.is_none() && !self.has_called
    }

    /// Returns whether the first item of an unknown function is tried alone. With a given number of
    /// threads, items may wait for each other.
    fn tries_first_item(&self, min_items: usize, threads: usize) -> bool {
        let items = min_items.min(self.settings.enough);
        let are_enough = items >= MIN_ITEMS_TO_TRY_ONE.saturating_mul(threads);
        self.past.is_none() && self.settings.threads.is_none() && are_enough
    }

    /// Returns whether sharing was found not to win in earlier calls only.
    pub(crate) fn is_recalled(&self) -> bool {
        self.is_recalled
    }

    /// Takes over what the threads of a shared call have measured.
    pub(crate) fn end_sharing(&mut self, ledger: &Ledger, is_known: bool) {
        self.grain = ledger.grain;
        self.rejected_nanos = ledger.rejected_nanos();
        self.rejections += u32::from(self.rejected_nanos > 0.0);
        self.is_recalled = false;
        self.wakes_for_wait = false;
        if ledger.has_won() == Some(false) {
            // Threads that share items may slow each other down. The calling thread goes on alone.
            self.grain.reset(ledger.alone_nanos());
        }
        let verdict = self.settings.memory.verdict(is_known);
        if let Some(has_won) = ledger.has_won() {
            // One call counts once, however many times it tries.
            if has_won || self.rejections <= 1 {
                verdict.note_sharing(has_won, ledger.alone_nanos() as f32);
            }
        } else if let Some((has_lost, alone_nanos)) = ledger.verdict_on_whole().filter(|_| !self.wakes_for_next_call) {
            verdict.note_short_call(has_lost, alone_nanos as f32);
        }
    }

    /// Adds the time per item to the memory of the function.
    pub(crate) fn remember(&self) {
        // Nothing has been measured if the first chunk failed.
        if self.grain.known_item_nanos().is_some() {
            self.settings.memory.add(self.grain.mean_nanos() as f32);
        }
    }

    /// Records the end of a call whose calling thread has worked alone since `start`. It has run
    /// `items` items since `last_read`.
    pub(crate) fn finish(&mut self, items: usize, last_read: u64, start: u64) {
        let now = clock::now();
        self.grain.add(items, now - last_read);
        self.remember();
        let nanos = now - start;
        if nanos as f64 > MIN_WORK_IF_LINGERING_NANOS {
            // One more thread could have halved this time.
            wake::note_lost_time(nanos / 2, (nanos as f64) < MIN_WORK_IF_AWAKE_NANOS, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Estimate, MIN_ITEMS_TO_TRY_ONE, MIN_NANOS_TO_SHARE_AGAIN};
    use crate::engine::memory::{Memory, Past};
    use crate::engine::settings::Settings;
    use crate::engine::step::Always;
    use crate::engine::work::Work;

    /// Work without a state.
    struct Plain;

    impl Work<()> for Plain {
        type Step = Always<()>;
        type State<'work> = ();
        const HAS_STATE: bool = false;

        fn state(&self) {}

        fn run(&self, (): &mut (), (): ()) -> Always<()> {
            Always(())
        }
    }

    /// Runs `test` with a pool of two threads that no other test uses.
    fn with_idle_pool(test: impl FnOnce() + Send) {
        rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a small pool").install(test);
    }

    #[test]
    fn an_unknown_function_is_tried_if_there_are_many_items() {
        static MEMORY: Memory = Memory::new("f");
        let tries = |past, enough, threads, items| {
            let settings = Settings { threads, enough, ..Settings::new(&MEMORY) };
            Estimate::new::<Plain, ()>(settings, past).tries_first_item(items, 4)
        };
        let many = 4 * MIN_ITEMS_TO_TRY_ONE;
        assert!(tries(None, usize::MAX, None, many));
        assert!(!tries(None, usize::MAX, None, many - 1));
        assert!(!tries(None, many - 1, None, many), "a block is shorter");
        assert!(!tries(None, usize::MAX, Some(4), many), "these items may wait for each other");
        assert!(!tries(Some(Past { low: 1.0, high: 1.0 }), usize::MAX, None, many));
    }

    #[test]
    fn a_search_of_short_items_begins_alone() {
        static MEMORY: Memory = Memory::new("f");
        let wakes_at_once = |settings: Settings, nanos| {
            let past = Past { low: nanos, high: nanos };
            Estimate::new::<Plain, ()>(settings, Some(past)).recall(true, (1000, Some(1000)), 0)
        };
        let (call, search) = (Settings::new(&MEMORY), Settings::new(&MEMORY).search());
        with_idle_pool(|| {
            assert!(wakes_at_once(call, 10_000.0));
            assert!(!wakes_at_once(search, 10_000.0), "the first item may be the match");
            assert!(wakes_at_once(search, 1_000_000.0), "one item is longer than the time alone");
            assert!(wakes_at_once(search.threads(2), 10_000.0), "these items may wait for each other");
            let unknown = |max_items| Estimate::new::<Plain, ()>(search, None).recall(true, (0, max_items), 0);
            assert!(!unknown(None) && !unknown(Some(1000)));
            assert!(unknown(Some(4)), "few items may be long");
            let mut estimate = Estimate::new::<Plain, ()>(search, None);
            estimate.grain.add(1, 20_000);
            assert!(!estimate.pays(1000, 0, 10_000));
            assert!(estimate.pays(1000, 0, 200_000));
        });
    }

    #[test]
    fn the_first_measurement_of_a_short_call_must_be_confirmed() {
        static MEMORY: Memory = Memory::new("f");
        let pays = |measurements: &[(usize, u64)]| {
            let mut estimate = Estimate::new::<Plain, ()>(Settings::new(&MEMORY).threads(2), None);
            for &(items, nanos) in measurements {
                estimate.grain.add(items, nanos);
            }
            estimate.pays(1000, 0, 1)
        };
        with_idle_pool(|| {
            assert!(!pays(&[(5, 6_000)]), "code and memory may have been loaded");
            assert!(pays(&[(5, 6_000), (5, 5_000)]));
            assert!(!pays(&[(5, 6_000), (5, 50)]), "the mean is 605 ns, but only with the first items");
            assert!(!pays(&[(1, 15_000), (21, 21), (64, 64)]), "the first item took most of 15 us");
            assert!(pays(&[(5, 50), (5, 6_000)]));
            assert!(pays(&[(1, 20_000)]), "nothing is loaded for that long");
        });
    }

    #[test]
    fn items_that_have_waited_may_wait_again() {
        static MEMORY: Memory = Memory::new("f");
        let wakes_at_once = |threads, high| {
            let settings = Settings { threads, ..Settings::new(&MEMORY) };
            let mut estimate = Estimate::new::<Plain, ()>(settings, Some(Past { low: 50.0, high }));
            [2, 8, 1000].map(|items| estimate.recall(true, (items, Some(items)), 0))
        };
        with_idle_pool(|| {
            assert_eq!(wakes_at_once(Some(8), 10_000.0), [true; 3]);
            assert_eq!(wakes_at_once(Some(8), 1_000.0), [false; 3], "such items have never waited");
            assert_eq!(wakes_at_once(Some(2), 10_000.0), [false; 3], "the pool has these threads");
            assert_eq!(wakes_at_once(None, 10_000.0), [false; 3]);
        });
    }

    #[test]
    fn long_calls_are_shared_again_after_earlier_calls_that_lost() {
        static MEMORY: Memory = Memory::new("f");
        MEMORY.verdict(false).note_sharing(false, 50_000.0);
        let past = Past { low: 50_000.0, high: 50_000.0 };
        let mut estimate = Estimate::new::<Plain, ()>(Settings::new(&MEMORY).threads(2), Some(past));
        with_idle_pool(|| {
            assert!(!estimate.recall(false, (1000, Some(1000)), 0));
            assert!(estimate.rejected_nanos > 0.0);
            estimate.grain.add(10, 500_000);
            // The rest is not run in the plain loop, in which nothing would be measured any more.
            assert!(!estimate.never_pays(Some(1000)));
            assert!(!estimate.pays(1000, 0, MIN_NANOS_TO_SHARE_AGAIN - 1));
            assert!(estimate.pays(1000, 0, MIN_NANOS_TO_SHARE_AGAIN));
        });
    }
}
