//! The work of each thread of a shared call: it takes chunks until none is left or an item ends the
//! call.

use crate::engine::chunk::Chunk;
use crate::engine::clock::nanos_since;
use crate::engine::costs::ChunkCosts;
use crate::engine::gate::{self, Gate};
use crate::engine::grain::Grain;
use crate::engine::ledger::Idle;
use crate::engine::outcome::{Cause, Failure};
use crate::engine::pool;
use crate::engine::results::Results;
use crate::engine::seat::Seat;
use crate::engine::slots::Part;
use crate::engine::source::{Finished, Next, Source};
use crate::engine::step::Step;
use crate::engine::sync::{MAX_SPINS, pause};
use crate::engine::team::Team;
use crate::engine::wake;
use crate::engine::work::{BreakOf, CarriedOf, OutputOf, Work};
use crate::report::trace::Trace;
use crate::unwind::{catch, discard};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Maximum number of spins of a thread that other threads need soon. They take up to a millisecond.
const MAX_HOLD_SPINS: usize = 20_000;

/// Maximum time that a worker thread waits for the input. After that, it leaves, so that its pool
/// can use it. Shorter than the time that it takes to call it again, it would only cost time.
const MAX_INPUT_WAIT: Duration = Duration::from_millis(1);

type SourceOf<'vec, I, W> = Source<'vec, I, CarriedOf<W, <I as Iterator>::Item>, BreakOf<W, <I as Iterator>::Item>>;

type AssignedOf<'vec, I, W> = Assigned<'vec, I, CarriedOf<W, <I as Iterator>::Item>, BreakOf<W, <I as Iterator>::Item>>;

/// What the threads of a call share.
pub(crate) struct Shared<'vec, 'call, I: Iterator, W: Work<I::Item>> {
    source: Mutex<SourceOf<'vec, I, W>>,
    /// The source has changed. Sleeping threads wait for it.
    changed: Condvar,
    signals: Signals,
    version: Version,
    work: &'call W,
    team: Team,
    trace: &'call Trace,
}

/// Passes on results in input order, on the calling thread. Returns whether more are wanted.
pub(crate) type Deliver<'deliver, 'vec, R> = dyn FnMut(Part<'vec, R>) -> bool + 'deliver;

/// Returns a function that delivers results to an output.
pub(crate) fn append_to<'vec, W: Work<T>, T>(
    output: &mut Results<'_, OutputOf<W, T>>,
) -> impl FnMut(Part<'vec, CarriedOf<W, T>>) -> bool {
    |part| {
        output.append(part, W::Step::output);
        true
    }
}

/// A chunk that has been assigned to a thread.
struct Assigned<'vec, I: Iterator, R, B> {
    chunk: Chunk<'vec, I, R>,
    /// A panic of the input behind the items of the chunk.
    failure: Option<Failure<B>>,
    /// The time that pulling took per item, in nanoseconds; 0 if another thread has pulled.
    pull_item_nanos: f64,
    grain: Grain,
    /// Whether to call a worker that has left because it had nothing to do.
    calls_back: bool,
    /// Whether the calling thread runs it while no other thread has a chunk, for comparison.
    is_trial: bool,
}

/// What threads look at between the items of a chunk. On a cache line that is written rarely.
#[repr(align(128))]
struct Signals {
    /// Whether a thread has nothing to do.
    is_idle: AtomicBool,
    /// The index of the failure, or `usize::MAX` if there is none. Items above it need not run.
    failing_index: AtomicUsize,
}

/// The number of changes of the source. Spinning threads look at it, and leave the lock to others.
#[derive(Default)]
#[repr(align(128))]
struct Version(AtomicUsize);

/// Number of spins of which one takes the lock although the source has not changed, because some
/// decisions depend on time.
const SPINS_PER_LOCK: usize = 32;

/// What a waiting thread remembers from turn to turn.
#[derive(Default)]
struct Waiting {
    /// The number of turns without work since the last one with work.
    spins: usize,
    /// The version of the source in the last turn.
    version: usize,
}

/// A thread of a call.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    /// The calling thread. It stays until the call has ended.
    Calling,
    /// A worker thread. It may leave, unless it keeps a state.
    Worker,
}

impl<'vec, 'call, I: Iterator, W: Work<I::Item>> Shared<'vec, 'call, I, W> {
    pub(crate) fn new(source: SourceOf<'vec, I, W>, work: &'call W, team: Team, trace: &'call Trace) -> Self {
        let signals = Signals { is_idle: AtomicBool::new(false), failing_index: AtomicUsize::new(usize::MAX) };
        Shared {
            source: Mutex::new(source),
            changed: Condvar::new(),
            signals,
            version: Version::default(),
            work,
            team,
            trace,
        }
    }

    /// Returns the source, once no thread works on the call.
    pub(crate) fn into_source(self) -> SourceOf<'vec, I, W> {
        self.source.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Measures what pulling costs, before a worker thread is woken: the calling thread runs chunks
    /// as long as they are evidence against sharing, but too few for a conclusion.
    ///
    /// `state` and `deliver` are as in [`open`](Self::open).
    pub(crate) fn measure_pulls(
        &self,
        state: &mut W::State<'call>,
        mut deliver: Option<&mut Deliver<'_, 'vec, CarriedOf<W, I::Item>>>,
    ) {
        let mut turn = || self.turn(None, state, Role::Calling, deliver.as_deref_mut(), &mut Waiting::default());
        while matches!(turn(), Turn::Done { .. }) && self.lock().is_doubtful() {}
    }

    /// Calls worker threads. They and the calling thread take chunks until none is left.
    ///
    /// `seat` and `state` are those of the calling thread. Between its chunks, it delivers the
    /// results of the next items in input order, if there is a `deliver`.
    pub(crate) fn open(
        &self,
        seat: Seat,
        state: &mut W::State<'call>,
        mut deliver: Option<&mut Deliver<'_, 'vec, CarriedOf<W, I::Item>>>,
    ) where
        Self: Sync,
    {
        self.work.begin_sharing(state);
        let sharing = self.trace.share(self.team.threads());
        let worker_body = |gate: &Arc<Gate>| {
            let seat = self.team.take_seat();
            if seat.is_some() && self.lock().ledger.admit() {
                let work = catch(|| {
                    let traced = sharing.help();
                    let mut state = self.work.state();
                    let is_work = |turn: &Turn| matches!(turn, Turn::Done { .. });
                    let mut turn = |waiting: &mut Waiting| {
                        traced.timed(|| self.turn(Some(gate), &mut state, Role::Worker, None, waiting), is_work)
                    };
                    take_turns(&self.team, gate, &mut turn);
                });
                if let Err(payload) = work {
                    // Panics of items are caught elsewhere. This one is of a `tracing` subscriber,
                    // or of the drop of a state, which the serial loop drops after all items.
                    let higher = self.lock().add_failure(Failure::panic(usize::MAX, payload));
                    discard(higher);
                }
                if W::HAS_STATE {
                    // Not before, because there are no more states than threads.
                    self.lock().ledger.presence.end();
                }
                wake::note_worker_left();
            }
        };
        let mut seat = Some(seat);
        let team = &self.team;
        self.lock().ledger.begin_sharing();
        gate::open(team.calls_spare_worker(), team.wait(), &worker_body, &mut |gate| {
            wake::note_wake_up();
            self.team.call_first_workers(gate);
            gate.note_first_called();
            take_turns(&self.team, gate, &mut |waiting| {
                self.turn(Some(gate), state, Role::Calling, deliver.as_deref_mut(), waiting)
            });
            // While the calling thread waits for the workers, other calls may use its core.
            drop(seat.take());
        });
        self.work.end_sharing(state);
    }

    /// Delivers results. Calls back workers that have left while the sink was too far behind.
    fn deliver(
        &self,
        gate: Option<&Arc<Gate>>,
        part: Part<'vec, CarriedOf<W, I::Item>>,
        deliver: &mut Deliver<'_, 'vec, CarriedOf<W, I::Item>>,
    ) -> Turn {
        let goes_on = deliver(part);
        let mut source = self.lock();
        if !goes_on {
            // Nothing that is under way is wanted any more.
            self.signals.failing_index.store(0, Ordering::Relaxed);
            self.work.note_end(0);
            let returned = source.abandon();
            self.note_change(&source);
            drop(source);
            drop(returned);
            return Turn::End;
        }
        if source.ledger.has_sink() && source.ledger.has_much_room() {
            self.note_change(&source);
        }
        let calls_back = source.calls_back(|| gate.is_some_and(|gate| self.team.can_call_back(gate)));
        let remaining_nanos = source.remaining_nanos();
        drop(source);
        if let Some(gate) = gate.filter(|_| calls_back) {
            self.team.call_next_worker(gate, true);
        }
        Turn::Done { remaining_nanos }
    }

    /// Delivers results, if there is a `deliver`, or processes one chunk.
    fn turn(
        &self,
        gate: Option<&Arc<Gate>>,
        state: &mut W::State<'call>,
        role: Role,
        deliver: Option<&mut Deliver<'_, 'vec, CarriedOf<W, I::Item>>>,
        waiting: &mut Waiting,
    ) -> Turn {
        let (spins, version) = (waiting.spins, self.version.0.load(Ordering::Relaxed));
        if spins % SPINS_PER_LOCK > 0 && version == waiting.version {
            return Turn::Wait;
        }
        waiting.version = version;
        let can_call_back = || gate.is_some_and(|gate| self.team.can_call_back(gate));
        let mut source = self.lock();
        let next = source.next(role == Role::Calling, deliver.is_some());
        let grain = source.ledger.grain;
        let is_trial = role == Role::Calling && source.ledger.is_trial();
        match next {
            Next::Run(chunk) => {
                let calls_back = source.calls_back_for_returned(can_call_back);
                drop(source);
                let assigned = Assigned { chunk, failure: None, pull_item_nanos: 0.0, grain, calls_back, is_trial };
                self.run(gate, assigned, state, role)
            }
            Next::Pull { mut feed, start, size } => {
                drop(source);
                let has_failed = || self.signals.failing_index.load(Ordering::Relaxed) < usize::MAX;
                let pulled = feed.pull(start, size, grain.item_nanos(), has_failed);
                #[allow(clippy::cast_precision_loss)] // An estimate.
                let pull_item_nanos = pulled.costs.nanos as f64 / pulled.chunk.remaining().max(1) as f64;
                let mut source = self.lock();
                let (chunk, failure) = source.put_back(feed, pulled);
                self.note_change(&source);
                let calls_back = source.calls_back(can_call_back);
                drop(source);
                self.run(gate, Assigned { chunk, failure, pull_item_nanos, grain, calls_back, is_trial }, state, role)
            }
            Next::Deliver(part) => {
                drop(source);
                let Some(deliver) = deliver else { unreachable!("results are delivered") };
                self.deliver(gate, part, deliver)
            }
            Next::Idle(idle) => self.idle(source, state, idle, role, spins),
        }
    }

    /// Lets a thread that has nothing to do wait or leave.
    fn idle(
        &self,
        mut source: MutexGuard<'_, SourceOf<'vec, I, W>>,
        state: &mut W::State<'call>,
        idle: Idle,
        role: Role,
        spins: usize,
    ) -> Turn {
        match idle {
            Idle::Hold => self.wait(source, state, role, spins < MAX_HOLD_SPINS, false),
            Idle::Wait => {
                self.signals.is_idle.store(true, Ordering::Relaxed);
                self.wait(source, state, role, spins < MAX_SPINS, false)
            }
            Idle::Busy(time) if time < MAX_INPUT_WAIT => {
                if spins >= MAX_SPINS {
                    self.sleep(source);
                }
                Turn::Wait
            }
            Idle::Busy(_) => self.wait(source, state, role, false, true),
            Idle::Full => self.wait(source, state, role, spins < MAX_SPINS, false),
            Idle::End => {
                if role == Role::Worker && !W::HAS_STATE {
                    self.work.set_aside(state);
                    source.ledger.presence.end();
                }
                Turn::End
            }
        }
    }

    /// Waits for other threads: in a spin loop if it `spins`. After that, a worker thread leaves,
    /// unless it would have to create its state again if it came back. The calling thread sleeps,
    /// unless its pool may be needed for the wait to end.
    fn wait(
        &self,
        mut source: MutexGuard<'_, SourceOf<'vec, I, W>>,
        state: &mut W::State<'call>,
        role: Role,
        spins: bool,
        for_input: bool,
    ) -> Turn {
        if spins {
            return Turn::Wait;
        }
        if role == Role::Worker && !W::HAS_STATE {
            self.work.set_aside(state);
            source.note_left();
            return Turn::End;
        }
        if role == Role::Calling && (self.team.is_crew() || for_input && !Seat::is_nested()) {
            drop(source);
            if pool::serve() {
                return Turn::Wait;
            }
            self.sleep(self.lock());
        } else {
            self.sleep(source);
        }
        Turn::Wait
    }

    /// Runs a chunk.
    fn run(
        &self,
        gate: Option<&Arc<Gate>>,
        assigned: AssignedOf<'vec, I, W>,
        state: &mut W::State<'call>,
        role: Role,
    ) -> Turn {
        let Assigned { mut chunk, mut failure, pull_item_nanos, grain, calls_back, is_trial } = assigned;
        let is_divisible = chunk.remaining() > 1;
        if is_trial {
            self.work.end_sharing(state);
        }
        let start = Instant::now();
        let outcome = catch(|| {
            if let Some(gate) = gate.filter(|_| chunk.remaining() > 0) {
                self.team.call_next_worker(gate, calls_back);
            }
            let (index, work) = (chunk.start, self.work);
            let size = chunk.remaining();
            let must_return = |remaining: usize| {
                let nanos = || nanos_since(start);
                self.signals.is_idle.load(Ordering::Relaxed) && grain.pays_to_return(size, remaining, nanos)
            };
            let must_pause =
                |remaining: usize| must_return(remaining) || self.signals.failing_index.load(Ordering::Relaxed) < index;
            chunk.run(grain.group_len(), must_pause, work, state)
        });
        let run_nanos = nanos_since(start);
        if is_trial {
            self.work.begin_sharing(state);
        }
        // A failure of an item comes before one of the input, because the serial loop runs an item
        // before it pulls the next one.
        let failing_index = chunk.start + chunk.done();
        let failed = match outcome {
            Ok(Ok(())) => None,
            Ok(Err(value)) => Some(Failure::new(failing_index, Cause::Break(value))),
            Err(payload) => Some(Failure::panic(failing_index, payload)),
        };
        if failed.is_some() {
            drop(chunk.split_off(0));
            discard(std::mem::replace(&mut failure, failed));
        }
        let mut source = self.lock();
        let mut higher = None;
        if let Some(failure) = failure {
            higher = source.add_failure(failure);
            self.signals.failing_index.fetch_min(source.failing_index(), Ordering::Relaxed);
            self.work.note_end(source.failing_index().saturating_add(1));
        }
        if chunk.remaining() > 0 {
            self.signals.is_idle.store(false, Ordering::Relaxed);
        }
        let costs = ChunkCosts { is_divisible, run_nanos, pull_item_nanos };
        source.finish(Finished { chunk, costs }, role == Role::Calling);
        self.note_change(&source);
        let remaining_nanos = source.remaining_nanos();
        drop(source);
        discard(higher);
        Turn::Done { remaining_nanos }
    }

    /// Locks the source. No code of the user runs under this lock, so a panic never leaves the
    /// source half changed, and poisoning can be ignored.
    pub(crate) fn lock(&self) -> MutexGuard<'_, SourceOf<'vec, I, W>> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps until the source has changed, or for a short time.
    fn sleep(&self, mut source: MutexGuard<'_, SourceOf<'vec, I, W>>) {
        source.ledger.sleeping += 1;
        let slept = self.changed.wait_timeout(source, MAX_INPUT_WAIT);
        slept.unwrap_or_else(PoisonError::into_inner).0.ledger.sleeping -= 1;
    }

    /// Tells waiting threads that the source has changed.
    fn note_change(&self, source: &SourceOf<'vec, I, W>) {
        self.version.0.fetch_add(1, Ordering::Relaxed);
        if source.ledger.sleeping > 0 {
            self.changed.notify_all();
        }
    }
}

/// What a thread did in its last turn.
enum Turn {
    /// It processed a chunk.
    Done {
        /// The estimated time of the remaining work, in nanoseconds.
        remaining_nanos: f64,
    },
    /// It found no chunk, but may find one when other threads finish theirs.
    Wait,
    /// It found no chunk, and stops.
    End,
}

/// Takes turns until the last, and calls further worker threads as long as the remaining work pays
/// for them. Not generic, so that it is compiled only once.
fn take_turns(team: &Team, gate: &Arc<Gate>, turn: &mut dyn FnMut(&mut Waiting) -> Turn) {
    let mut waiting = Waiting::default();
    loop {
        match turn(&mut waiting) {
            Turn::Done { remaining_nanos } => {
                waiting.spins = 0;
                team.call_more_workers(gate, remaining_nanos);
            }
            Turn::Wait => {
                waiting.spins += 1;
                pause(waiting.spins);
            }
            Turn::End => break,
        }
    }
}
