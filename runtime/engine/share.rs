//! Decides what each thread of a shared call does: it takes chunks until none is left or an item fails.

use crate::engine::gate::{self, Gate};
use crate::engine::grain::MIN_WORK_TO_WAKE_NANOS;
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

    /// What is left when nobody is at work any more.
    pub(crate) fn into_source(self) -> SourceOf<'vec, I, W> {
        self.source.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the caller does, and then those who help: until no chunk is left. `seat` and `kept` are the caller's.
    pub(crate) fn open(&self, seat: Seat, state: &mut W::State<'call>)
    where
        Self: Sync,
    {
        let sharing = self.trace.share(self.team.threads());
        let help = |gate: &Arc<Gate>| {
            if let Some(_seat) = self.team.seat() {
                let helping = sharing.help();
                let mut state = self.work.state();
                let is_work = |turn: &Turn| matches!(turn, Turn::Done { .. });
                work(&self.team, gate, &mut || helping.timed(|| self.next_turn(&mut state), is_work));
                if let Err(payload) = catch(|| drop(state)) {
                    // After all items.
                    self.lock().outcome.failed(Failure::panic(usize::MAX, payload));
                }
                wake::note_left();
            }
        };
        let mut seat = Some(seat);
        gate::open(self.team.most_helpers(), &help, &mut |gate| {
            wake::note_wake();
            self.team.call_first(gate);
            gate.all_called();
            work(&self.team, gate, &mut || self.next_turn(state));
            // While the caller waits, its core is free.
            drop(seat.take());
        });
    }

    /// Takes one chunk, or says what there is to be done where there is none.
    fn next_turn(&self, state: &mut W::State<'call>) -> Turn {
        match self.turn(state) {
            Some(work_left) => Turn::Done { work_left },
            None if self.lock().ends_soon() => Turn::Wait,
            None => Turn::End,
        }
    }

    /// Takes one chunk, and returns what is left, in nanoseconds; nothing at the end.
    pub(crate) fn turn(&self, state: &mut W::State<'call>) -> Option<f64> {
        let mut source = self.lock();
        let start = Instant::now();
        let Chunk { start: index, items, mut part, failure } = source.pull()?;
        drop(source);
        let pulled = Instant::now();
        let count = items.len();
        let outcome = catch(|| fill(&mut part, items, self.work, state));
        let run = pulled.elapsed();
        // What an item fails with is below what the input does: the loop pulls the next item when this one is done.
        let at = index + part.len();
        let failure = match outcome {
            Ok(Ok(())) => failure,
            Ok(Err(value)) => {
                discard(failure);
                Some(Failure::new(at, Cause::Break(value)))
            }
            Err(payload) => {
                discard(failure);
                Some(Failure::panic(at, payload))
            }
        };
        let mut source = self.lock();
        if let Some(failure) = failure {
            source.end();
            source.outcome.failed(failure);
        } else {
            source.measured(count, nanos(pulled - start), nanos(run));
        }
        source.finished(index, part);
        Some(source.work_left())
    }

    /// Nothing of the user's runs uncaught under this lock, so it is never poisoned half way.
    pub(crate) fn lock(&self) -> MutexGuard<'_, SourceOf<'vec, I, W>> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a thread did last.
enum Turn {
    /// It finished a chunk.
    Done {
        /// What is left, in nanoseconds.
        work_left: f64,
    },
    /// There was none for now.
    Wait,
    End,
}

/// Takes turns until the last, and calls further helpers while that is worth it. Not generic: it is the same for all functions.
fn work(team: &Team, gate: &Arc<Gate>, turn: &mut dyn FnMut() -> Turn) {
    let mut looks = 0;
    loop {
        match turn() {
            Turn::Done { work_left } if work_left >= MIN_WORK_TO_WAKE_NANOS && gate.expected() == 0 => {
                team.call_more(gate)
            }
            Turn::Done { .. } => looks = 0,
            Turn::Wait => {
                looks += 1;
                pause(looks);
            }
            Turn::End => break,
        }
    }
}

/// `work` is an argument of its own, not a field, for the reason that `drive::finish_loop` has.
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
