//! The judge of a shared call: compares what all threads finish per time with what the calling
//! thread did alone, and ends sharing if it does not win.
//!
//! A window is lost if all threads together were not faster than the calling thread alone. The
//! items may have become more expensive, so the calling thread then runs one chunk alone, and
//! sharing ends if that is about as fast in [`MAX_LOSSES`] trials in a row. A window takes
//! [`MIN_WINDOW_NANOS`] or, later, a sixteenth of the time since sharing began. The other threads
//! wait for at most [`MAX_TRIAL_NANOS`], or a few items if those take longer.
//!
//! What a call can lose: let the threads together reach a fraction `s` of the speed of the calling
//! thread alone, with items of equal cost of which a chunk takes `c` while it is shared. A window
//! ends with a chunk, and sharing ends after two lost windows. In a trial, the calling thread works
//! as if alone, after it has waited for the others for up to `c`. So the call loses at most
//! `2 * (1 - s) * (150 us + c) + 2 * c`, and 40 us for calling worker threads. A chunk of
//! `c = 50 us / s` gives 0.5 ms for `s = 0.5`: 50 % of a call of 1 ms, and 5 % of 10 ms. A call
//! with items above 100 ns tries again after 10 ms alone, then 20 ms and so on: four times in 100
//! ms, which is 2 %. The next 16 to 256 calls are not shared, so calls of 1 ms lose 3 % on average.
//! If sharing begins to lose only at time `t`, a window takes `t / 16`, so a long call loses up to
//! `(1 - s) / 8`: 6 % for `s = 0.5`. Trials in which the calling thread alone was slower double the
//! windows. If the cost of items changes several times, the loss has no such bound.
//!
//! A call of cheap items that ends before it is judged is compared as a whole, or by its only
//! trial. If two such calls in a row have lost, the next calls are not shared either.

/// Minimum duration of a window, in nanoseconds. It is some times as long as a chunk, because a
/// chunk that has been begun but not finished does not count.
const MIN_WINDOW_NANOS: f64 = 150_000.0;

/// Fraction of the time since sharing began that a window takes, if that is longer.
const WINDOW_FRACTION: f64 = 1.0 / 16.0;

/// Minimum number of chunks that must have been finished in a window, unless those that have been
/// begun would not change the verdict.
const MIN_WINDOW_CHUNKS: usize = 4;

/// Maximum duration of a trial, in nanoseconds, including the time until it begins. After that, the
/// other threads go on, because the calling thread is busy or in a long item.
const MAX_TRIAL_NANOS: f64 = 300_000.0;

/// Maximum duration of a trial as a multiple of the time of an item on the calling thread alone, if
/// that is longer. The threads first finish an item each, which may take longer than alone.
const MAX_TRIAL_ITEMS: f64 = 4.0;

/// Maximum time of an item on the calling thread, in nanoseconds, for which sharing is judged,
/// because all other threads wait while the calling thread runs such an item in a trial.
const MAX_JUDGED_ITEM_NANOS: f64 = 1_000_000.0;

/// The same for calls that ask for more threads than their pool has, because their items may wait,
/// maybe for each other.
pub(crate) const MAX_JUDGED_WAITING_ITEM_NANOS: f64 = 2_000.0;

/// Maximum time of an item, in nanoseconds, in a call that is judged as a whole.
const MAX_ITEM_NANOS_IN_WHOLE: f64 = 2_000.0;

/// Maximum ratio, per thread, of the mean time of all items of such a call to the time on the
/// calling thread alone. Threads slow each other down, but above it, the items were of different
/// kinds.
const MAX_RATIO_TO_ALONE: f64 = 4.0;

/// Number of trials in a row that sharing must lose.
const MAX_LOSSES: u32 = 2;

/// Maximum time of an item, in nanoseconds, for which sharing is judged although the time on the
/// calling thread alone is unknown.
const MAX_UNKNOWN_ITEM_NANOS: f64 = 100.0;

/// Minimum speedup of all threads over the calling thread alone, because both times are
/// measurements, and because the threads of a call that wins nothing are of more use elsewhere.
const MIN_GAIN: f64 = 1.05;

/// Judges by wall time whether sharing pays.
pub(crate) struct Judge {
    /// The time per item of the calling thread alone, in nanoseconds, according to earlier items or
    /// calls, or to a trial; 0 if it is unknown.
    alone_nanos: f64,
    /// The same according to the first items, if they ran before another thread came; else 0.
    first_nanos: f64,
    /// Maximum time of an item for which sharing is judged, in nanoseconds.
    max_item_nanos: f64,
    /// Whether a worker thread has arrived.
    has_worker: bool,
    /// When sharing began, in nanoseconds of the clock.
    begin: u64,
    /// When the current window began, in nanoseconds of the clock.
    since: u64,
    /// The number of items that have been finished in the current window.
    items: usize,
    /// The number of chunks that have been finished in the current window.
    chunks: usize,
    /// Factor for the length of windows: it grows with each lost window, so that trials are rare.
    patience: f64,
    /// Whether sharing is judged: from the time when workers are called until the calling thread
    /// stops, because it must run the trials.
    is_active: bool,
    /// The number of trials in a row that sharing has lost.
    losses: u32,
    /// The time per item in the last trial, in nanoseconds; 0 if there was none.
    trial_nanos: f64,
    /// Whether sharing has won a trial.
    has_won_trial: bool,
    /// The number of items that have been finished since sharing began.
    all_items: usize,
    /// Whether sharing has won a window, or lost the trials; `None` if neither.
    has_won: Option<bool>,
    phase: Phase,
}

/// What the threads of the call do.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Phase {
    /// All threads take chunks.
    Sharing,
    /// The calling thread runs one chunk alone, for comparison.
    Trial {
        /// The time per item of all threads together in the lost window, in nanoseconds.
        shared_nanos: f64,
    },
    /// Sharing does not win: the calling thread takes the rest.
    Alone,
}

#[allow(clippy::cast_precision_loss)] // Estimates.
impl Judge {
    /// Creates the judge of a call whose calling thread alone took `alone_nanos` per item, or 0 if
    /// that is unknown.
    pub(crate) fn new(alone_nanos: f64) -> Self {
        Judge {
            alone_nanos,
            first_nanos: 0.0,
            max_item_nanos: MAX_JUDGED_ITEM_NANOS,
            has_worker: false,
            begin: 0,
            since: 0,
            items: 0,
            chunks: 0,
            patience: 1.0,
            is_active: false,
            losses: 0,
            trial_nanos: 0.0,
            has_won_trial: false,
            all_items: 0,
            has_won: None,
            phase: Phase::Sharing,
        }
    }

    /// Begins to judge: the worker threads are called now.
    pub(crate) fn begin(&mut self, now: u64) {
        *self = Judge { is_active: true, begin: now, since: now, all_items: 0, ..*self };
    }

    /// Judges sharing of items only that are too cheap to wait.
    pub(crate) fn spare_waiting_items(&mut self) {
        self.max_item_nanos = MAX_JUDGED_WAITING_ITEM_NANOS;
    }

    /// Records that a worker thread has arrived. The first window begins with the first of them: a
    /// thread may take longer to wake up than a window, and nothing is lost until then.
    pub(crate) fn note_worker(&mut self, now: u64) {
        if !std::mem::replace(&mut self.has_worker, true) {
            self.begin_window(now);
        }
    }

    /// Adds the time per item, in nanoseconds, of a chunk that the calling thread has run. Until
    /// another thread comes, it tells how long items take if earlier calls do not.
    pub(crate) fn add_alone(&mut self, item_nanos: f64) {
        if !self.has_worker {
            let before = if self.first_nanos > 0.0 { self.first_nanos } else { f64::INFINITY };
            self.first_nanos = before.min(item_nanos);
        }
    }

    /// Counts items that are finished.
    pub(crate) fn count(&mut self, items: usize) {
        self.all_items += items;
    }

    /// Judges a call as a whole that has ended now, and was too short to be judged before. Returns
    /// whether the calling thread alone would have been as fast, and the time per item that this
    /// follows from. Returns `None` if that is not known.
    ///
    /// If sharing has lost a trial, that decides. Otherwise the calling thread must have run cheap
    /// items alone in this call: `was_measured` tells that it has before sharing. The mean time of
    /// all items on their threads, which is `mean_nanos`, must not be far longer.
    pub(crate) fn verdict_on_whole(
        &self,
        was_measured: bool,
        mean_nanos: f64,
        threads: usize,
        now: u64,
    ) -> Option<(bool, f64)> {
        if self.begin == 0 || self.has_won.is_some() || self.has_won_trial {
            return None;
        }
        if self.losses > 0 {
            return Some((true, self.trial_nanos));
        }
        let alone_nanos = if was_measured { self.alone_nanos } else { self.first_nanos };
        let is_typical = alone_nanos > 0.0 && mean_nanos <= MAX_RATIO_TO_ALONE * threads as f64 * alone_nanos;
        (is_typical && alone_nanos < MAX_ITEM_NANOS_IN_WHOLE)
            .then(|| (nanos_between(self.begin, now) > alone_nanos * self.all_items as f64, alone_nanos))
    }

    /// Returns the time per item of the calling thread alone, in nanoseconds; 0 if it is unknown.
    pub(crate) fn alone_nanos(&self) -> f64 {
        if self.alone_nanos > 0.0 { self.alone_nanos } else { self.first_nanos }
    }

    /// Ends sharing without a trial, because it cannot win.
    pub(crate) fn reject(&mut self) {
        self.phase = Phase::Alone;
        if self.is_active {
            // Worker threads were called in vain.
            self.has_won = Some(false);
        }
    }

    /// Ends judging: the calling thread has stopped, so it cannot run a chunk alone.
    pub(crate) fn end(&mut self, now: u64) {
        self.is_active = false;
        self.cancel_trial(now);
    }

    /// Cancels a trial, if there is one: threads would wait too long for the calling thread.
    pub(crate) fn cancel_trial(&mut self, now: u64) {
        if matches!(self.phase, Phase::Trial { .. }) {
            self.patience *= 2.0;
            self.share_again(now);
        }
    }

    /// Cancels a trial that has taken `nanos` nanoseconds, if that is too long: the items are too
    /// expensive for it, or the calling thread is busy.
    pub(crate) fn limit_trial(&mut self, nanos: f64, now: u64) {
        if nanos > MAX_TRIAL_NANOS.max(MAX_TRIAL_ITEMS * self.alone_nanos()) {
            self.cancel_trial(now);
        }
    }

    /// Returns whether chunks must be recorded when they are assigned.
    pub(crate) fn needs_chunks(&self) -> bool {
        self.is_active && self.alone_nanos() < self.max_item_nanos
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// Returns whether sharing has won, or `None` if it has not been judged.
    pub(crate) fn has_won(&self) -> Option<bool> {
        self.has_won
    }

    /// Adds a chunk that is finished now. `others` are the chunks that threads still work on.
    pub(crate) fn add(&mut self, done: Done, others: Others, now: u64) {
        let item_nanos = done.nanos as f64 / done.items.max(1) as f64;
        match self.phase {
            Phase::Trial { shared_nanos } if done.is_trial => {
                let is_lost = item_nanos < shared_nanos * MIN_GAIN;
                self.trial_nanos = item_nanos;
                self.has_won_trial |= !is_lost;
                self.losses = if is_lost { self.losses + 1 } else { 0 };
                if self.losses >= MAX_LOSSES {
                    self.phase = Phase::Alone;
                    self.has_won = Some(false);
                    return;
                }
                let before = self.alone_nanos();
                self.alone_nanos = if is_lost && before > 0.0 { before.min(item_nanos) } else { item_nanos };
                // A lost trial is repeated soon, because a thread may have been preempted.
                if !is_lost {
                    self.patience *= 2.0;
                }
                self.share_again(now);
            }
            Phase::Sharing if self.is_active => {
                self.items += done.items;
                self.chunks += 1;
                self.end_window(others, now);
            }
            _ => {}
        }
    }

    /// Goes on with sharing after a trial.
    fn share_again(&mut self, now: u64) {
        self.phase = Phase::Sharing;
        self.begin_window(now);
    }

    fn begin_window(&mut self, now: u64) {
        (self.since, self.items, self.chunks) = (now, 0, 0);
    }

    /// Judges the current window, if it has lasted long enough.
    fn end_window(&mut self, others: Others, now: u64) {
        let nanos = nanos_between(self.since, now);
        let min_nanos = MIN_WINDOW_NANOS.max(nanos_between(self.begin, now) * WINDOW_FRACTION);
        if nanos < min_nanos * self.patience || self.items == 0 || !self.has_worker {
            return;
        }
        if others.oldest.is_some_and(|oldest| oldest <= self.since) {
            // A thread was busy with a long item all the time, so the window says nothing.
            self.begin_window(now);
            return;
        }
        // In a window of few chunks, all items that have been begun count. Otherwise it would end
        // with the first of several equal items, as if the other threads did nothing.
        let is_short = self.chunks < MIN_WINDOW_CHUNKS;
        let shared_nanos = nanos / (self.items + if is_short { others.items } else { 0 }) as f64;
        let is_lost = self.is_lost(shared_nanos);
        if is_short && !is_lost && self.is_lost(nanos / self.items as f64) {
            return;
        }
        if is_lost {
            self.phase = Phase::Trial { shared_nanos };
        } else {
            self.losses = 0;
            self.has_won = Some(true);
        }
        self.begin_window(now);
    }

    /// Returns whether `shared_nanos` per item of all threads together are not less than the time
    /// of the calling thread alone.
    fn is_lost(&self, shared_nanos: f64) -> bool {
        let alone_nanos = self.alone_nanos();
        if alone_nanos == 0.0 {
            shared_nanos < MAX_UNKNOWN_ITEM_NANOS
        } else {
            alone_nanos < self.max_item_nanos.min(shared_nanos * MIN_GAIN)
        }
    }
}

/// A chunk that is finished.
#[derive(Clone, Copy)]
pub(crate) struct Done {
    pub(crate) items: usize,
    /// The time that its thread has spent on it, in nanoseconds.
    pub(crate) nanos: u64,
    /// Whether the calling thread ran it while no other thread had a chunk.
    pub(crate) is_trial: bool,
}

/// The chunks that threads work on.
#[derive(Clone, Copy)]
pub(crate) struct Others {
    /// The number of their items.
    pub(crate) items: usize,
    /// When the oldest of them was assigned, in nanoseconds of the clock.
    pub(crate) oldest: Option<u64>,
}

#[allow(clippy::cast_precision_loss)] // An estimate.
fn nanos_between(since: u64, now: u64) -> f64 {
    now.saturating_sub(since) as f64
}

#[cfg(test)]
mod tests {
    use super::{Done, Judge, Others, Phase};

    const NONE: Others = Others { items: 0, oldest: None };

    fn judge(alone_nanos: f64) -> Judge {
        let mut judge = Judge::new(alone_nanos);
        judge.begin(0);
        judge.note_worker(0);
        judge
    }

    /// A chunk of all threads together.
    fn done(items: usize) -> Done {
        Done { items, nanos: 0, is_trial: false }
    }

    /// A chunk of a trial.
    fn trial(items: usize, nanos: u64) -> Done {
        Done { items, nanos, is_trial: true }
    }

    fn is_trial(judge: &Judge) -> bool {
        matches!(judge.phase(), Phase::Trial { .. })
    }

    #[test]
    fn sharing_ends_if_the_calling_thread_alone_is_as_fast() {
        for item in [10_u32, 20_000] {
            let judge = &mut judge(f64::from(item));
            for round in 0..2 {
                let now = 1_000_000 * round;
                judge.add(done(4), NONE, now + 4 * u64::from(item.max(50_000)));
                assert!(is_trial(judge), "{item} ns, round {round}");
                judge.add(trial(4, 4 * u64::from(item)), NONE, now + 1_000_000);
            }
            assert!(judge.phase() == Phase::Alone, "{item} ns");
            assert_eq!(judge.has_won(), Some(false));
        }
    }

    #[test]
    fn sharing_goes_on_if_the_items_have_become_more_expensive() {
        let judge = &mut judge(2_000.0);
        judge.add(done(4), NONE, 200_000);
        assert!(is_trial(judge));
        judge.add(trial(1, 100_000), NONE, 300_000);
        assert!(judge.phase() == Phase::Sharing);
        // 50 us per item of all threads together are now a gain.
        judge.add(done(10), NONE, 800_000);
        assert_eq!(judge.has_won(), Some(true));
    }

    #[test]
    fn a_window_of_few_items_counts_those_that_have_been_begun() {
        let begun = Others { items: 1, oldest: Some(190_000) };
        let judge_few = &mut judge(100_000.0);
        judge_few.add(done(2), begun, 200_000);
        assert!(judge_few.phase() == Phase::Sharing);
        // A trial compares with them as well: two threads have run items of 185 us, which take
        // longer than earlier ones.
        let judge_heavy = &mut judge(95_000.0);
        judge_heavy.add(done(1), begun, 190_000);
        assert!(is_trial(judge_heavy));
        judge_heavy.add(trial(1, 185_000), NONE, 380_000);
        assert!(judge_heavy.phase() == Phase::Sharing && judge_heavy.losses == 0);
        // Whatever becomes of the item that has been begun, these are too few.
        let judge_cheap = &mut judge(2_000.0);
        judge_cheap.add(done(2), begun, 200_000);
        assert!(is_trial(judge_cheap));
    }

    #[test]
    fn a_short_call_is_judged_as_a_whole() {
        // 1000 items of 100 ns take 100 us alone.
        const BEGIN: u64 = 1_000;
        let called = |alone_nanos, items| {
            let mut judge = Judge::new(alone_nanos);
            judge.begin(BEGIN);
            judge.count(items);
            judge
        };
        for (nanos, has_lost) in [(90_000, Some(false)), (110_000, Some(true))] {
            let judge = called(100.0, 1000);
            let has_lost = has_lost.map(|lost| (lost, 100.0));
            assert_eq!(judge.verdict_on_whole(true, 150.0, 2, BEGIN + nanos), has_lost);
            // The time per item may be that of other items, in an earlier call or in this one.
            assert_eq!(judge.verdict_on_whole(false, 150.0, 2, BEGIN + nanos), None);
            assert_eq!(judge.verdict_on_whole(true, 900.0, 2, BEGIN + nanos), None);
            assert_eq!(called(5_000.0, 20).verdict_on_whole(true, 5_000.0, 2, BEGIN + nanos), None);
        }
        assert_eq!(Judge::new(100.0).verdict_on_whole(true, 100.0, 2, BEGIN), None, "no worker was called");
        for (trial_nanos, verdict) in [(90_000, Some((true, 90.0))), (900_000, None)] {
            let mut tried = called(100.0, 1000);
            tried.phase = Phase::Trial { shared_nanos: 200.0 };
            tried.add(trial(1000, trial_nanos), NONE, BEGIN + 90_000);
            assert_eq!(tried.verdict_on_whole(true, 100.0, 2, BEGIN + 110_000), verdict);
        }
    }

    #[test]
    fn items_that_may_wait_for_each_other_are_shared() {
        for (alone_nanos, expected) in [(1_000.0, true), (3_000.0, false)] {
            let judge = &mut judge(alone_nanos);
            judge.spare_waiting_items();
            judge.add(done(4), NONE, 1_000_000);
            assert_eq!(is_trial(judge), expected, "{alone_nanos} ns");
        }
    }

    #[test]
    fn a_trial_waits_for_some_items_only() {
        for (alone_nanos, max_nanos) in [(1_000.0, 300_000.0), (200_000.0, 800_000.0)] {
            let judge = &mut judge(alone_nanos);
            judge.add(done(1), NONE, 1_000_000);
            assert!(is_trial(judge));
            judge.limit_trial(max_nanos, 1_400_000);
            assert!(is_trial(judge), "{alone_nanos} ns");
            judge.limit_trial(max_nanos + 1.0, 1_400_000);
            assert!(judge.phase() == Phase::Sharing, "{alone_nanos} ns");
        }
    }

    #[test]
    fn the_first_items_tell_how_long_an_unknown_function_takes() {
        let judge = &mut Judge::new(0.0);
        judge.begin(0);
        judge.add(done(4), NONE, 200_000);
        assert_eq!(judge.has_won(), None, "no worker has arrived");
        judge.add_alone(3_000.0);
        judge.add_alone(5_000.0);
        judge.note_worker(200_000);
        judge.add_alone(1_000.0);
        assert!((judge.alone_nanos() - 3_000.0).abs() < 1.0);
        judge.add(done(4), NONE, 400_000);
        assert!(is_trial(judge));
    }
}
