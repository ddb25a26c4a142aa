//! The serial loop, whose outcome is compared with that of the call.

use crate::case::{Case, Shape};
use crate::counted::State;
use crate::counted::{Count, Counted};
use crate::functions::{attempt, crossed, guarded, maybe, numbered, plain, stateful, zipped};
use crate::plan::Plan;
use crate::seen::{Panicked, See, Seen, caught};

/// The results of the serial loop.
pub(crate) struct Serial {
    pub(crate) results: Vec<Seen>,
    /// The panic that has ended the loop.
    pub(crate) panicked: Option<Panicked>,
    /// Whether the input has ended.
    pub(crate) is_complete: bool,
}

/// Runs the serial loop of a call until it ends or has `limit` results.
pub(crate) fn run(case: &Case, limit: usize) -> Serial {
    let count = Count::new(None);
    let plan = Plan::new(case, &count, true);
    let mut input = case.input.open(&count, true).0;
    match case.shape {
        Shape::Plain | Shape::Crowd => each(case, limit, || input.next(), |item, _| plain(item, &plan)),
        Shape::Guarded => each(case, limit, || input.next(), |item, _| guarded(item, &plan)),
        Shape::Maybe | Shape::Chosen => each(case, limit, || input.next(), |item, _| maybe(item, &plan)),
        Shape::Attempt => each(case, limit, || input.next(), |item, _| attempt(item, &plan)),
        Shape::Numbered => each(case, limit, || input.next(), |item, index| numbered(item, &plan, index)),
        Shape::Stateful => {
            let mut state = State::new(&count);
            each(case, limit, || input.next(), |item, _| stateful(item, &plan, &mut state))
        }
        Shape::Zipped => {
            let mut second = case.second.open(&count, true).0;
            each(case, limit, || Some((input.next()?, second.next()?)), |(x, y), _| zipped(x, y, &plan))
        }
        Shape::Crossed => {
            let columns = case.columns;
            let mut rows = input.flat_map(|x| (0..columns).map(move |y| (x.clone(), y)));
            each(case, limit, || rows.next(), |(x, y): (Counted, usize), _| crossed(x, y, &plan))
        }
    }
}

fn each<T, R: See>(
    case: &Case,
    limit: usize,
    mut next: impl FnMut() -> Option<T>,
    mut f: impl FnMut(T, usize) -> R,
) -> Serial {
    let mut serial = Serial { results: Vec::new(), panicked: None, is_complete: false };
    while serial.results.len() < limit {
        let index = serial.results.len();
        let item = match caught(&mut next) {
            Ok(Some(item)) => item,
            Ok(None) => {
                serial.is_complete = true;
                break;
            }
            Err(panicked) => {
                serial.panicked = Some(panicked);
                break;
            }
        };
        match caught(|| f(item, index)) {
            Ok(result) => serial.results.push(result.see()),
            Err(_) if case.catch_panics => serial.results.push(Seen::Caught(index)),
            Err(panicked) => {
                serial.panicked = Some(panicked);
                break;
            }
        }
    }
    serial
}
