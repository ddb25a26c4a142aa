//! The work of each thread of a shared call: it takes chunks until none is left or an item ends the
//! call.

use crate::engine::gate::{self, Gate};
use crate::engine::outcome::{Cause, Failure};
use crate::engine::seat::Seat;
use crate::engine::slots::Part;
use crate::engine::source::{Chunk, Source};
use crate::engine::step::Step;
use crate::engine::sync::pause;
use crate::engine::team::Team;
use crate::engine::wake;
use crate::engine::work::{BreakOf, OutputOf, Work};
use crate::report::trace::Trace;
use crate::unwind::{catch, discard};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

type SourceOf<'vec, I, W> = Source<'vec, I, OutputOf<W, <I as Iterator>::Item>, BreakOf<W, <I as Iterator>::Item>>;

/// What the threads of a call share.
pub(crate) struct Shared<'vec, 'call, I: Iterator, W: Work<I::Item>> {
    source: Mutex<SourceOf<'vec, I, W>>,
    work: &'call W,
    team: Team,
    trace: &'call Trace,
}

impl<'vec, 'call, I: Iterator, W: Work<I::Item>> Shared<'vec, 'call, I, W> {
    pub(crate) fn new(source: SourceOf<'vec, I, W>, work: &'call W, team: Team, trace: &'call Trace) -> Self {
        Shared { source: Mutex::new(source), work, team, trace }
    }

    /// Returns the source, once no thread works on the call.
    pub(crate) fn into_source(self) -> SourceOf<'vec, I, W> {
        self.source.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls worker threads. They and the calling thread take chunks until none is left.
    ///
    /// `seat` and `state` are those of the calling thread.
    pub(crate) fn open(&self, seat: Seat, state: &mut W::State<'call>)
    where
        Self: Sync,
    {
        let sharing = self.trace.share(self.team.threads());
        let worker_body = |gate: &Arc<Gate>| {
            if let Some(_seat) = self.team.take_seat() {
                let work = catch(|| {
                    let traced = sharing.help();
                    let mut state = self.work.state();
                    let is_work = |turn: &Turn| matches!(turn, Turn::Done { .. });
                    take_turns(&self.team, gate, &mut || traced.timed(|| self.next_turn(gate, &mut state), is_work));
                });
                if let Err(payload) = work {
                    // Panics of items are caught elsewhere. This one is of a `tracing` subscriber,
                    // or of the drop of a state, which the serial loop drops after all items.
                    self.lock().outcome.add_failure(Failure::panic(usize::MAX, payload));
                }
                wake::note_worker_left();
            }
        };
        let mut seat = Some(seat);
        let team = &self.team;
        gate::open(team.max_workers(), team.calls_spare_worker(), team.wait(), &worker_body, &mut |gate| {
            wake::note_wake_up();
            self.team.call_first_workers(gate);
            gate.note_first_called();
            take_turns(&self.team, gate, &mut || self.next_turn(gate, state));
            // While the calling thread waits for the workers, other calls may use its core.
            drop(seat.take());
        });
    }

    /// Processes one chunk. If none is left, returns whether to wait for other threads (`Wait`) or
    /// to stop (`End`).
    fn next_turn(&self, gate: &Arc<Gate>, state: &mut W::State<'call>) -> Turn {
        match self.turn(Some(gate), state) {
            Some(remaining_nanos) => Turn::Done { remaining_nanos },
            None if self.lock().should_wait() => Turn::Wait,
            None => Turn::End,
        }
    }

    /// Processes one chunk, and returns the estimated time of the remaining work, in nanoseconds.
    ///
    /// Returns `None` if no chunk is left.
    pub(crate) fn turn(&self, gate: Option<&Arc<Gate>>, state: &mut W::State<'call>) -> Option<f64> {
        let mut source = self.lock();
        let start = Instant::now();
        let Chunk { start: index, items, mut part, failure } = source.pull()?;
        drop(source);
        if let Some(gate) = gate {
            self.team.call_next_worker(gate);
        }
        let pulled = Instant::now();
        let count = items.len();
        let outcome = catch(|| fill(&mut part, items, self.work, state));
        let run_time = pulled.elapsed();
        // `failure` is a panic of the input behind the items of the chunk. A failure of an item
        // comes before it, because the serial loop runs an item before it pulls the next one.
        let failing_index = index + part.len();
        let failure = match outcome {
            Ok(Ok(())) => failure,
            Ok(Err(value)) => {
                discard(failure);
                Some(Failure::new(failing_index, Cause::Break(value)))
            }
            Err(payload) => {
                discard(failure);
                Some(Failure::panic(failing_index, payload))
            }
        };
        let mut source = self.lock();
        if let Some(failure) = failure {
            source.stop_assigning();
            source.outcome.add_failure(failure);
        } else {
            source.add_times(count, nanos(pulled - start), nanos(run_time));
        }
        source.finish_chunk(index, part);
        Some(source.remaining_nanos())
    }

    /// Locks the source. User code that runs under this lock is always caught, so a panic never
    /// leaves the source half changed, and poisoning can be ignored.
    pub(crate) fn lock(&self) -> MutexGuard<'_, SourceOf<'vec, I, W>> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// It found no chunk, and will find none.
    End,
}

/// Takes turns until the last, and calls further worker threads as long as the remaining work pays
/// for them. Not generic, so that it is compiled only once.
fn take_turns(team: &Team, gate: &Arc<Gate>, turn: &mut dyn FnMut() -> Turn) {
    let mut spins = 0;
    loop {
        match turn() {
            Turn::Done { remaining_nanos } => {
                spins = 0;
                team.call_more_workers(gate, remaining_nanos);
            }
            Turn::Wait => {
                spins += 1;
                pause(spins);
            }
            Turn::End => break,
        }
    }
}

/// Runs the items of a chunk, and puts their results into `part`. `work` is a parameter and not a
/// field, for the reason that `serial::finish_loop` gives.
#[inline]
fn fill<T, W: Work<T>>(
    part: &mut Part<'_, OutputOf<W, T>>,
    items: Vec<T>,
    work: &W,
    state: &mut W::State<'_>,
) -> Result<(), BreakOf<W, T>> {
    part.fill(items, |item| work.run(state, item).step())
}

fn nanos(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
