//! The input iterators of calls.

use crate::counted::{Count, Counted, Thrown};
use crate::watch::fail;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Where items come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// A range, whose length is known.
    Range,
    /// A vector, whose items all exist before the call.
    Vector,
    /// A filter, which yields half of its items.
    Filter,
    /// A channel that has all items.
    Channel,
    /// A channel that another thread fills during the call.
    Fed,
    /// An iterator that waits before some of its items.
    Slow,
    /// An iterator with this size hint, which may be wrong.
    Hinted(usize, Option<usize>),
}

/// An input iterator with the items 0, 1, 2 ..
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) source: Source,
    pub(crate) len: usize,
    /// The item instead of which the input panics.
    pub(crate) panic_at: Option<usize>,
    pub(crate) seed: u64,
}

pub(crate) type Items = Checked<Box<dyn Iterator<Item = Counted> + Send>>;

impl Input {
    /// Returns the iterator, and the thread that fills its channel.
    ///
    /// The iterator of the serial loop does not wait.
    pub(crate) fn open(&self, count: &Arc<Count>, is_quiet: bool) -> (Items, Option<JoinHandle<()>>) {
        let (len, panic_at) = (self.len, self.panic_at);
        let create = {
            let count = Arc::clone(count);
            move |index| Counted::new(&count, index)
        };
        let mut rng = StdRng::seed_from_u64(self.seed ^ 2);
        let mut wait = move || {
            if !is_quiet && rng.random_ratio(1, 30) {
                thread::sleep(Duration::from_micros(rng.random_range(0..400)));
            }
        };
        let mut feeder = None;
        let mut hint = None;
        let items: Box<dyn Iterator<Item = Counted> + Send> = match self.source {
            Source::Range => Box::new((0..len).map(create)),
            Source::Vector => Box::new((0..len).map(create).collect::<Vec<_>>().into_iter()),
            Source::Filter => Box::new((0..2 * len).filter(|index| index % 2 == 0).map(move |index| create(index / 2))),
            Source::Slow => Box::new((0..len).map(move |index| {
                wait();
                create(index)
            })),
            Source::Hinted(least, most) => {
                hint = Some((least, most));
                Box::new((0..len).map(create))
            }
            Source::Channel | Source::Fed => {
                let (sender, receiver) = mpsc::channel();
                let mut send = move |index| {
                    wait();
                    sender.send(create(index)).is_ok()
                };
                if self.source == Source::Fed && !is_quiet {
                    feeder = Some(thread::spawn(move || {
                        (0..len).all(&mut send);
                    }));
                } else {
                    (0..len).all(&mut send);
                    drop(send);
                }
                Box::new(receiver.into_iter())
            }
        };
        let items: Box<dyn Iterator<Item = Counted> + Send> = match panic_at {
            None => items,
            Some(panic_at) => Box::new(items.map(move |item| {
                if item.index == panic_at {
                    resume_unwind(Box::new(Thrown { item, of_input: true }));
                }
                item
            })),
        };
        (Checked { items, hint, has_ended: false, is_used: AtomicBool::new(false) }, feeder)
    }
}

/// An iterator that checks how it is used.
pub(crate) struct Checked<I> {
    items: I,
    hint: Option<(usize, Option<usize>)>,
    has_ended: bool,
    is_used: AtomicBool,
}

impl<I: Iterator<Item = Counted>> Iterator for Checked<I> {
    type Item = Counted;

    fn next(&mut self) -> Option<Counted> {
        if self.has_ended {
            fail("the input is polled after its end");
        }
        if self.is_used.swap(true, Ordering::SeqCst) {
            fail("two threads pull from one input");
        }
        // Also the end if the input panics.
        self.has_ended = true;
        let item = self.items.next();
        self.has_ended = item.is_none();
        self.is_used.store(false, Ordering::SeqCst);
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.hint.unwrap_or_else(|| self.items.size_hint())
    }
}
