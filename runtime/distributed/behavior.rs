//! Calls in processes that answer, wait and die as the tests want.

use crate::distributed::dispatch::{Dispatch, Finished, Items, Piece};
use crate::distributed::fixture::{ITEM_BYTES, Stage, begin, numbers};
use crate::distributed::others::Others;
use crate::distributed::transport::{Event, Transport};
use crate::unwind::catch;
use std::time::Duration;

const NOW: Duration = Duration::ZERO;

/// What became of the items of a call, by their numbers.
type Outcomes = Vec<Option<Result<u64, String>>>;

fn items(id: u64, numbers: std::ops::Range<u64>) -> Items {
    let bytes: Vec<u8> = numbers.clone().flat_map(u64::to_le_bytes).collect();
    let ends = (1..=bytes.len() / ITEM_BYTES).map(|count| count * ITEM_BYTES).collect();
    Items { id, bytes, ends }
}

/// Notes what has come back. The items of a chunk follow its number.
fn note(outcomes: &mut Outcomes, finished: Finished) {
    let (Piece { id, first }, results) = match finished {
        Finished::Ran(piece, answer) => (piece, numbers(&answer).into_iter().map(Ok).collect()),
        Finished::Died(piece, reason) => (piece, vec![Err(reason)]),
    };
    let start = usize::try_from(id).expect("a small number") + first;
    for (place, result) in (start..).zip(results) {
        assert_eq!(outcomes[place], None, "item {place} came back twice");
        outcomes[place] = Some(result);
    }
}

/// Numbers in no order, the same ones for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }
}

/// Runs a call of the numbers up to `count`. The `act` is called between the steps.
fn run(
    dispatch: &mut Dispatch,
    stage: &Stage,
    count: usize,
    random: &mut Random,
    killers: &[u64],
    mut act: impl FnMut(&Stage, &mut Random),
) -> Outcomes {
    let mut outcomes = vec![None; count];
    let mut next = 0;
    for _ in 0..1_000_000 {
        while next < count {
            let Some(size) = dispatch.wanted(Some(count - next)) else { break };
            let end = count.min(next + size);
            dispatch.send(items(next as u64, next as u64..end as u64));
            next = end;
        }
        if next == count && dispatch.is_empty() {
            return outcomes;
        }
        let process = 1 + random.below(stage.actors().len());
        stage.step(process, [1_000, 1_000_000, 100_000_000][random.below(3)], killers);
        act(stage, random);
        while let Some(finished) = dispatch.wait(NOW) {
            note(&mut outcomes, finished);
        }
    }
    panic!("the call does not end");
}

fn all(count: usize) -> Outcomes {
    (0..count).map(|number| Some(Ok(number as u64))).collect()
}

#[test]
fn items_come_back_once_whatever_the_order() {
    for seed in 0..50 {
        let mut random = Random(seed);
        let processes = 1 + random.below(4);
        let (stage, others) = Stage::with_threads(processes, 0, 1 + random.below(4));
        let count = random.below(2_000);
        assert_eq!(run(&mut begin(others), &stage, count, &mut random, &[], |_, _| ()), all(count), "seed {seed}");
    }
}

#[test]
fn the_items_of_dead_processes_run_elsewhere() {
    for seed in 0..200 {
        let mut random = Random(seed);
        let (stage, others) = Stage::with_threads(1 + random.below(3), usize::MAX, 1 + random.below(4));
        let count = 1 + random.below(500);
        let mut deaths = 0;
        let outcomes = run(&mut begin(others), &stage, count, &mut random, &[], |stage, random| {
            let process = 1 + random.below(stage.actors().len());
            let is_victim = random.below(10) == 0 && deaths < 20;
            // Processes that are starting die as well, but not three in a row.
            if is_victim && !stage.actors()[process - 1].has_ended && stage.actors()[process - 1].has_joined {
                stage.kill(process);
                deaths += 1;
            }
        });
        // An item may be the only one that three of these processes ran.
        for (number, outcome) in outcomes.into_iter().enumerate() {
            let expected = Ok(number as u64);
            let is_right =
                outcome.as_ref().is_some_and(|outcome| *outcome == expected || deaths >= 3 && outcome.is_err());
            assert!(is_right, "seed {seed}: {number} became {outcome:?}");
        }
    }
}

#[test]
fn an_item_that_always_kills_is_given_up_and_no_other() {
    for seed in 0..100 {
        let mut random = Random(seed);
        let (stage, others) = Stage::with_threads(1 + random.below(3), usize::MAX, 1 + random.below(4));
        let count = 1 + random.below(300);
        let killers: Vec<u64> = (0..random.below(4)).map(|_| random.below(count) as u64).collect();
        let outcomes = run(&mut begin(others), &stage, count, &mut random, &killers, |_, _| ());
        for (number, outcome) in outcomes.into_iter().enumerate() {
            let number = number as u64;
            let died = Err("signal 9 (SIGKILL)".to_owned());
            let expected = if killers.contains(&number) { died } else { Ok(number) };
            assert_eq!(outcome, Some(expected), "seed {seed}");
        }
    }
}

#[test]
fn only_running_items_are_blamed() {
    let (stage, others) = Stage::new(1, usize::MAX);
    let mut dispatch = begin(others);
    dispatch.send(items(0, 0..1));
    stage.finish(1);
    assert_eq!(dispatch.wait(NOW), Some(Finished::Ran(Piece { id: 0, first: 0 }, 0_u64.to_le_bytes().to_vec())));
    // Items are short by now, so a second one waits behind the first one. It is innocent.
    for round in 0..2 {
        assert_eq!(dispatch.wanted(None).is_some(), round == 0);
        if round == 0 {
            dispatch.send(items(1, 1..2));
            dispatch.send(items(2, 2..3));
        }
        stage.kill(round + 1);
        assert_eq!(dispatch.wait(NOW), None);
        stage.hello(round + 2, |_| ());
        assert_eq!(dispatch.wait(NOW), None);
    }
    // Each death was that of the first chunk in the process, and they have taken turns.
    stage.kill(3);
    assert_eq!(dispatch.wait(NOW), None);
    stage.hello(4, |_| ());
    assert_eq!(dispatch.wait(NOW), None);
    stage.finish(4);
    assert!(matches!(dispatch.wait(NOW), Some(Finished::Ran(..))));
    assert!(matches!(dispatch.wait(NOW), Some(Finished::Ran(..))));
    assert!(dispatch.is_empty());
}

#[test]
fn a_call_that_is_given_up_leaves_nothing_for_the_next_one() {
    let (stage, others) = Stage::new(2, usize::MAX);
    let mut dispatch = begin(others);
    dispatch.send(items(0, 0..1));
    dispatch.send(items(1, 1..2));
    // Process 1 opens the call and runs its item; process 2 has not begun.
    stage.finish(1);
    let (_, others) = dispatch.close().expect("the processes");
    drop(dispatch);
    // The next call meets the answer of the first one.
    let mut dispatch = begin(others);
    let outcomes = run(&mut dispatch, &stage, 300, &mut Random(1), &[], |_, _| ());
    assert_eq!(outcomes, all(300));
    let (_, others) = dispatch.close().expect("the processes");
    assert_eq!(run(&mut begin(others), &stage, 7, &mut Random(2), &[], |_, _| ()), all(7));
}

#[test]
fn what_still_runs_for_an_earlier_call_is_not_blamed_on_this_one() {
    let (stage, others) = Stage::new(1, usize::MAX);
    let mut dispatch = begin(others);
    for process in 1..=MANY {
        dispatch.send(items(0, 0..1));
        let (_, others) = dispatch.close().expect("the processes");
        dispatch = begin(others);
        // The same item in each call, behind one that still runs.
        dispatch.send(items(0, 0..1));
        stage.kill(process);
        assert_eq!(dispatch.wait(NOW), None);
        stage.hello(process + 1, |_| ());
        assert_eq!(dispatch.wait(NOW), None);
        stage.finish(process + 1);
        assert!(matches!(dispatch.wait(NOW), Some(Finished::Ran(..))));
        let (_, others) = dispatch.close().expect("the processes");
        dispatch = begin(others);
    }
}

/// More deaths than one item may cause.
const MANY: usize = 5;

#[test]
fn without_processes_a_call_panics() {
    let (stage, others) = Stage::new(2, 0);
    let mut dispatch = begin(others);
    dispatch.send(items(0, 0..1));
    stage.kill(1);
    assert_eq!(dispatch.wait(NOW), None);
    stage.kill(2);
    let payload = catch(|| dispatch.wait(Duration::from_millis(1))).expect_err("nobody is left");
    let message = payload.downcast_ref::<String>().expect("a message");
    assert!(message.contains("no process is left"), "{message}");
    assert!(message.contains("no more actors"), "{message}");
}

#[test]
fn three_processes_that_die_before_they_say_hello_are_the_last() {
    let (stage, others) = Stage::new(1, usize::MAX);
    let mut dispatch = begin(others);
    for process in 1..=3 {
        stage.kill(process);
        assert_eq!(dispatch.wait(NOW), None, "{process}");
        assert_eq!(dispatch.wanted(None), None);
    }
    stage.kill(4);
    let payload = catch(|| dispatch.wait(Duration::from_millis(1))).expect_err("nobody is left");
    let message = payload.downcast_ref::<String>().expect("a message");
    assert!(message.contains("process 4 ended before it reached the guard"), "{message}");
    assert_eq!(stage.actors().len(), 4);
}

#[test]
fn a_process_that_differs_gets_no_items() {
    let (stage, others) = Stage::new(1, usize::MAX);
    let mut dispatch = begin(others);
    stage.kill(1);
    assert_eq!(dispatch.wait(NOW), None);
    stage.hello(2, |hello| hello.host.clear());
    // The host alone is no difference.
    assert_eq!(dispatch.wait(NOW), None);
    assert_eq!(dispatch.wanted(None), Some(1));
    stage.kill(2);
    assert_eq!(dispatch.wait(NOW), None);
    stage.post(Event::Letter(3, b"no letter".to_vec()));
    let payload = catch(|| dispatch.wait(Duration::from_millis(1))).expect_err("nobody is left");
    let message = payload.downcast_ref::<String>().expect("a message");
    assert!(message.contains("process 3 does not speak this protocol"), "{message}");
    stage.finish(3);
    assert!(stage.actors()[2].has_ended);
}

#[test]
fn a_run_begins_only_if_all_processes_agree() {
    struct Silent;
    impl Transport for Silent {
        fn others(&self) -> usize {
            2
        }
        fn send(&mut self, _: usize, _: crate::distributed::transport::Letter) {}
    }
    let meet = |event: fn() -> Event| {
        let others = Others::meet(false, |events| {
            events.send(event()).expect("a channel");
            Ok(Silent)
        });
        others.err().expect("an error").to_string()
    };
    let message = meet(|| Event::Lost(2, "exit code 1".to_owned()));
    assert_eq!(message, "process 2 ended before it reached the guard in `main`: exit code 1");
    let message = meet(|| Event::Letter(1, b"no letter".to_vec()));
    assert_eq!(message, "process 1 does not speak this protocol");
}

#[test]
fn short_items_wait_for_a_process_and_long_ones_do_not() {
    let (stage, others) = Stage::new(1, 0);
    let mut dispatch = begin(others);
    // Nothing is known of the first item.
    assert_eq!(dispatch.wanted(None), Some(1));
    dispatch.send(items(0, 0..1));
    assert_eq!(dispatch.wanted(None), None);
    for (nanos, is_short) in [(1_000, true), (1_000_000_000, false)] {
        stage.step(1, nanos, &[]);
        stage.step(1, nanos, &[]);
        assert!(dispatch.wait(NOW).is_some());
        assert!(dispatch.wanted(None).is_some());
        dispatch.send(items(0, 0..1));
        assert_eq!(dispatch.wanted(None).is_some(), is_short);
        if is_short {
            dispatch.send(items(0, 0..1));
            assert_eq!(dispatch.wanted(None), None);
            stage.step(1, nanos, &[]);
            assert!(dispatch.wait(NOW).is_some());
        }
    }
}

#[test]
fn fixed_arguments_are_sent_once_and_only_to_processes_with_items() {
    let (stage, others) = Stage::new(3, 0);
    let mut dispatch = begin(others);
    dispatch.send(items(0, 0..1));
    dispatch.send(items(1, 1..2));
    (1..=3).for_each(|process| stage.finish(process));
    while dispatch.wait(NOW).is_some() {}
    dispatch.send(items(2, 2..3));
    dispatch.send(items(3, 3..4));
    (1..=3).for_each(|process| stage.finish(process));
    let opened: Vec<usize> = stage.actors().iter().map(|actor| actor.opened).collect();
    // Short items go to those that have the fewest, so the last one goes to the third process.
    assert_eq!(opened, [1, 1, 0], "{opened:?}");
}

#[test]
fn an_empty_call_sends_nothing() {
    let (stage, others) = Stage::new(2, 0);
    let mut dispatch = begin(others);
    assert!(dispatch.is_empty());
    // Only the input knows whether it has ended.
    assert_eq!(dispatch.wanted(Some(0)), Some(1));
    drop(dispatch.close());
    // Only the end of the run.
    assert!(stage.actors().iter().all(|actor| actor.orders.len() == 1 && actor.opened == 0));
}
