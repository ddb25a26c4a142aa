//! Makes a call: sets its options, runs it in its pool, and collects its results.

use crate::case::{Cancel, Case, Form, Shape};
use crate::counted::{Count, Counted};
use crate::functions::{
    attempt_parallel, attempt_parallel_iter, chosen_parallel, chosen_parallel_iter, crossed_parallel,
    crossed_parallel_iter, crowd_parallel, crowd_parallel_iter, guarded_parallel, guarded_parallel_iter,
    maybe_parallel, maybe_parallel_iter, numbered_parallel, numbered_parallel_iter, plain_parallel,
    plain_parallel_iter, stateful_parallel, stateful_parallel_iter, zipped_parallel, zipped_parallel_iter,
};
use crate::input::{Input, Items};
use crate::plan::{Fate, Plan};
use crate::seen::{End, Panicked, Report, See, Seen, caught};
use crate::watch::fail;
use parallelize::iter::{Apply, Every, Never, Stop, Stops, StreamState, Yield};
use parallelize::{Interrupted, ParallelIter, StopReason, Stopped};
use std::sync::{LazyLock, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

static POOLS: LazyLock<Vec<rayon::ThreadPool>> = LazyLock::new(|| {
    let pool = |threads| {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(16 << 20);
        builder.build().expect("a small pool")
    };
    (1..=5).map(pool).collect()
});

/// Makes the call, and checks which values it leaves alive and what has stopped it.
pub(crate) fn run(case: &Case) -> Report {
    let count = Count::new(case.limit());
    let plan = Plan::new(case, &count, false);
    let canceller = match case.stop.cancel {
        Some(Cancel::Before) => {
            plan.token.cancel();
            None
        }
        Some(Cancel::After(time)) => {
            let token = plan.token.clone();
            Some(thread::spawn(move || {
                thread::sleep(time);
                token.cancel();
            }))
        }
        _ => None,
    };
    let call = Call { case, plan: &plan, feeders: Mutex::default(), start: Instant::now() };
    let report = match case.pool {
        Some(threads) => POOLS[threads - 1].install(|| call.make()),
        None => call.make(),
    };
    if count.alive() != 0 || count.states() != 0 {
        fail(&format!("{} values and {} states are left of {case:?}", count.alive(), count.states()));
    }
    if let Some(canceller) = canceller {
        join(canceller);
    }
    report
}

fn join(thread: JoinHandle<()>) {
    thread.join().unwrap_or_else(|_| fail("a thread of the program has panicked"));
}

/// What the terminals of a call return if it may be stopped or not.
trait MayStop: Stop + Sync {
    fn all_or_stop<C, R>(collected: Self::Collected<C, R>) -> Result<C, Interrupted<R>>;
    fn end_or_stop<T>(ended: Self::Ended<T>) -> Result<T, Stopped>;
}

impl MayStop for Never {
    fn all_or_stop<C, R>(collected: C) -> Result<C, Interrupted<R>> {
        Ok(collected)
    }

    fn end_or_stop<T>(ended: T) -> Result<T, Stopped> {
        Ok(ended)
    }
}

impl MayStop for Stops {
    fn all_or_stop<C, R>(collected: Result<C, Interrupted<R>>) -> Result<C, Interrupted<R>> {
        collected
    }

    fn end_or_stop<T>(ended: Result<T, Stopped>) -> Result<T, Stopped> {
        ended
    }
}

/// What `try_collect` returns, or the panic of the call.
type Attempted = Result<Result<Result<Vec<Counted>, Counted>, Interrupted<Counted>>, Panicked>;

struct Call<'a> {
    case: &'a Case,
    plan: &'a Plan,
    /// The threads that fill the channels of the inputs.
    feeders: Mutex<Vec<JoinHandle<()>>>,
    start: Instant,
}

impl Call<'_> {
    fn open(&self, input: &Input) -> Items {
        let (items, feeder) = input.open(&self.plan.count, false);
        self.feeders.lock().expect("no panic").extend(feeder);
        items
    }

    fn make(&self) -> Report {
        let (case, plan) = (self.case, self.plan);
        let input = self.open(&case.input);
        let columns = 0..case.columns;
        if case.form == Form::Eager {
            return match case.shape {
                Shape::Plain => self.all(caught(|| plain_parallel(input, plan))),
                Shape::Maybe => self.all(caught(|| maybe_parallel(input, plan))),
                Shape::Chosen => self.all(caught(|| chosen_parallel(input, plan))),
                Shape::Attempt => self.attempted(caught(|| Ok(attempt_parallel(input, plan)))),
                Shape::Guarded => self.all(caught(|| guarded_parallel(input, plan))),
                Shape::Crowd => self.all(caught(|| crowd_parallel(input, plan))),
                Shape::Stateful => self.all(caught(|| stateful_parallel(input, plan))),
                Shape::Numbered => self.all(caught(|| numbered_parallel(input, plan))),
                Shape::Zipped => self.all(caught(|| zipped_parallel(input, self.open(&case.second), plan))),
                Shape::Crossed => self.all(caught(|| crossed_parallel(input, columns, plan))),
            };
        }
        match case.shape {
            Shape::Plain => self.lazy(plain_parallel_iter(input, plan)),
            Shape::Maybe if case.form == Form::TryCollect => self.try_optional(maybe_parallel_iter(input, plan)),
            Shape::Maybe if case.skip_none => self.lazy(maybe_parallel_iter(input, plan).skip_none()),
            Shape::Maybe => self.lazy(maybe_parallel_iter(input, plan)),
            Shape::Chosen => self.lazy(chosen_parallel_iter(input, plan)),
            Shape::Attempt if case.form == Form::TryCollect => self.try_all(attempt_parallel_iter(input, plan)),
            Shape::Attempt => self.lazy(attempt_parallel_iter(input, plan)),
            Shape::Guarded => self.lazy(guarded_parallel_iter(input, plan)),
            Shape::Crowd => self.lazy(crowd_parallel_iter(input, plan)),
            Shape::Stateful => self.lazy(stateful_parallel_iter(input, plan)),
            Shape::Numbered => self.lazy(numbered_parallel_iter(input, plan)),
            Shape::Zipped => self.lazy(zipped_parallel_iter(input, self.open(&case.second), plan)),
            Shape::Crossed => self.lazy(crossed_parallel_iter(input, columns, plan)),
        }
    }

    /// Sets the options of a lazy call, and runs it.
    fn lazy<I, F, Y>(&self, calls: ParallelIter<I, F, Y>) -> Report
    where
        I: Iterator<Item: Send> + Send,
        F: Apply<I::Item, Output: Send, State: StreamState> + Sync,
        Y: Yield<F::Output, Item: See> + Yield<Result<F::Output, parallelize::ItemPanic>, Item: See>,
    {
        let calls = self.sized(calls);
        // The function `guarded` catches its panics already.
        let catches = self.case.catch_panics && self.case.shape != Shape::Guarded;
        match (catches, self.case.stop.may_stop()) {
            (false, false) => self.terminal(calls),
            (false, true) => self.terminal(self.stopping(calls)),
            (true, false) => self.terminal(calls.catch_panics()),
            (true, true) => self.terminal(self.stopping(calls.catch_panics())),
        }
    }

    fn sized<I, F, Y>(&self, mut calls: ParallelIter<I, F, Y>) -> ParallelIter<I, F, Y> {
        if let Some(threads) = self.case.threads {
            calls = calls.threads(threads);
        }
        if let Some(in_flight) = self.case.in_flight {
            calls = calls.in_flight(in_flight);
        }
        calls
    }

    fn stopping<I, F, Y>(&self, calls: ParallelIter<I, F, Y>) -> ParallelIter<I, F, Y, Stops> {
        let stop = self.case.stop;
        match (stop.timeout, stop.cancel) {
            (Some(timeout), None) => calls.timeout(timeout),
            (Some(timeout), Some(_)) => calls.timeout(timeout).cancel_with(&self.plan.token),
            (None, _) => calls.cancel_with(&self.plan.token),
        }
    }

    /// Runs a call by the terminal of the case.
    fn terminal<I, F, Y, S>(&self, calls: ParallelIter<I, F, Y, S>) -> Report
    where
        I: Iterator<Item: Send> + Send,
        F: Apply<I::Item, Output: Send, State: StreamState> + Sync,
        Y: Yield<F::Output, Item: See>,
        S: MayStop,
    {
        let mut results = Vec::new();
        let mut keep = |result: Y::Item| {
            self.plan.count.take(result.values());
            results.push(result);
        };
        let end = match self.case.form {
            Form::Collect => {
                return match caught(|| S::all_or_stop(calls.collect::<Vec<_>>())) {
                    Ok(Err(interrupted)) => self.interrupted(interrupted),
                    Ok(Ok(results)) => self.all(Ok(results)),
                    Err(panicked) => self.all::<Y::Item>(Err(panicked)),
                };
            }
            Form::CollectIntoVec => caught(|| S::end_or_stop(calls.collect_into_vec(&mut results))),
            Form::ForEach => caught(|| S::end_or_stop(calls.for_each(keep))),
            Form::TryForEach(limit) => {
                let mut left = limit;
                let sink = |result| {
                    keep(result);
                    left = left.saturating_sub(1);
                    if left == 0 { Err(()) } else { Ok(()) }
                };
                match caught(|| S::end_or_stop(calls.try_for_each(sink))) {
                    Ok(Ok(Err(()))) => return self.report(results, Vec::new(), End::Left),
                    end => end.map(|end| end.map(|_| ())),
                }
            }
            Form::Stream(limit) => {
                let mut stream = calls.into_iter();
                let mut left = limit;
                let end = loop {
                    if left == 0 {
                        drop(stream);
                        return self.report(results, Vec::new(), End::Left);
                    }
                    match caught(|| stream.next()) {
                        Ok(Some(result)) => keep(result),
                        Ok(None) => break Ok(stream.stopped().map_or(Ok(()), Err)),
                        Err(panicked) => break Err(panicked),
                    }
                    left -= 1;
                };
                if stream.next().is_some() {
                    fail("a stream goes on after its end");
                }
                end
            }
            Form::Eager | Form::TryCollect => unreachable!("has its own function"),
        };
        let end = match end {
            Ok(Ok(())) => End::All,
            Ok(Err(stopped)) => self.stop(stopped.reason),
            Err(panicked) => End::Panicked(panicked),
        };
        self.report(results, Vec::new(), end)
    }

    fn try_all<I, F>(&self, calls: ParallelIter<I, F>) -> Report
    where
        I: Iterator<Item: Send> + Send,
        F: Apply<I::Item, Output = Result<Counted, Counted>> + Sync,
    {
        let calls = self.sized(calls);
        if self.case.stop.may_stop() {
            self.attempted(caught(|| self.stopping(calls).try_collect()))
        } else {
            self.attempted(caught(|| Ok(calls.try_collect())))
        }
    }

    fn try_optional<I, F>(&self, calls: ParallelIter<I, F, Every>) -> Report
    where
        I: Iterator<Item: Send> + Send,
        F: Apply<I::Item, Output = Option<Counted>> + Sync,
    {
        let calls = self.sized(calls);
        let end = if self.case.stop.may_stop() {
            caught(|| self.stopping(calls).try_collect())
        } else {
            caught(|| Ok(calls.try_collect()))
        };
        match end {
            Ok(Ok(None)) => self.report(Vec::<Counted>::new(), Vec::new(), End::Failed(Seen::Nothing)),
            Ok(Ok(Some(results))) => self.all::<Counted>(Ok(results)),
            Ok(Err(interrupted)) => self.interrupted(interrupted),
            Err(panicked) => self.all::<Counted>(Err(panicked)),
        }
    }

    /// Reports what `try_collect` has returned.
    fn attempted(&self, end: Attempted) -> Report {
        match end {
            Ok(Ok(Err(error))) => {
                let mut report = self.report(vec![Err::<Counted, _>(error)], Vec::new(), End::All);
                report.end = End::Failed(report.results.remove(0));
                report
            }
            Ok(Ok(Ok(results))) => self.all(Ok(results)),
            Ok(Err(interrupted)) => self.interrupted(interrupted),
            Err(panicked) => self.all::<Counted>(Err(panicked)),
        }
    }

    fn all<R: See>(&self, end: Result<Vec<R>, Panicked>) -> Report {
        match end {
            Ok(results) => self.report(results, Vec::new(), End::All),
            Err(panicked) => self.report(Vec::<R>::new(), Vec::new(), End::Panicked(panicked)),
        }
    }

    fn interrupted<R: See>(&self, interrupted: Interrupted<R>) -> Report {
        let Interrupted { completed, out_of_order, reason, .. } = interrupted;
        let (returned, case) = (completed.len() + out_of_order.len(), self.case);
        let mut fates = vec![Fate::Pass];
        if case.form != Form::TryCollect {
            fates.push(Fate::Fail);
            fates.extend((!case.skip_none).then_some(Fate::Nothing));
        }
        fates.extend(case.catch_panics.then_some(Fate::Panic));
        let finished = self.plan.count.finished(&fates);
        if returned != finished {
            fail(&format!("{finished} items have finished, and {returned} results are returned by {case:?}"));
        }
        self.report(completed, out_of_order, self.stop(reason))
    }

    /// Checks the reason of a stop.
    fn stop(&self, reason: StopReason) -> End {
        let is_right = match reason {
            StopReason::Cancelled => self.case.stop.cancel.is_some() && self.plan.token.is_cancelled(),
            _ => self.case.stop.timeout.is_some_and(|timeout| self.start.elapsed() >= timeout),
        };
        if !is_right {
            fail(&format!("{reason:?} is not the reason: {:?}", self.case));
        }
        End::Stopped(reason)
    }

    /// Checks that no other values are alive than the results, and reports these.
    fn report<R: See>(&self, results: Vec<R>, out_of_order: Vec<(usize, R)>, end: End) -> Report {
        // A feeder may be about to send another item.
        self.feeders.lock().expect("no panic").drain(..).for_each(join);
        let values = results.iter().chain(out_of_order.iter().map(|(_, result)| result)).map(See::values);
        let (held, alive) = (values.sum::<usize>(), self.plan.count.alive());
        if held.cast_signed() != alive || self.plan.count.states() != 0 {
            let states = self.plan.count.states();
            fail(&format!("{held} results, {alive} values and {states} states are alive of {:?}", self.case));
        }
        Report {
            results: results.into_iter().map(See::see).collect(),
            out_of_order: out_of_order.into_iter().map(|(index, result)| (index, result.see())).collect(),
            end,
        }
    }
}
