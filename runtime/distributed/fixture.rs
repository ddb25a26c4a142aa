//! Processes that are played by a test, step by step.

use crate::distributed::dispatch::Dispatch;
use crate::distributed::handshake::Hello;
use crate::distributed::letter::{self, Order, Report};
use crate::distributed::others::Others;
use crate::distributed::registry::Function;
use crate::distributed::transport::{Event, Letter, Transport};
use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard};

/// The number of bytes of an item, which is a number.
pub(super) const ITEM_BYTES: usize = 8;

/// The processes, as a test sees them.
pub(super) struct Stage {
    actors: Arc<Mutex<Vec<Actor>>>,
    /// The number of processes that can still be started; what cannot be started is an error.
    starts: Arc<Mutex<usize>>,
    events: Option<Sender<Event>>,
    /// The number of threads of each process.
    threads: usize,
}

/// A process.
#[derive(Default)]
pub(super) struct Actor {
    pub(super) has_joined: bool,
    pub(super) has_ended: bool,
    pub(super) orders: VecDeque<Letter>,
    /// The call that is open.
    call: Option<u64>,
    /// The number of calls that were opened.
    pub(super) opened: usize,
    /// The sizes of the chunks that it has run.
    pub(super) ran: Vec<usize>,
}

struct Script {
    actors: Arc<Mutex<Vec<Actor>>>,
    starts: Arc<Mutex<usize>>,
}

impl Transport for Script {
    fn others(&self) -> usize {
        self.actors.lock().expect("no panic").len()
    }

    fn send(&mut self, to: usize, letter: Letter) {
        self.actors.lock().expect("no panic")[to - 1].orders.push_back(letter);
    }

    fn restart(&mut self) -> Option<io::Result<usize>> {
        let mut starts = self.starts.lock().expect("no panic");
        if *starts == 0 {
            return Some(Err(io::Error::other("no more actors")));
        }
        *starts -= 1;
        let mut actors = self.actors.lock().expect("no panic");
        actors.push(Actor::default());
        Some(Ok(actors.len()))
    }
}

impl Stage {
    /// Creates the processes, which have said hello. `starts` others can be started.
    pub(super) fn new(count: usize, starts: usize) -> (Self, Others) {
        Stage::with_threads(count, starts, 1)
    }

    /// Creates processes that have several threads.
    pub(super) fn with_threads(count: usize, starts: usize, threads: usize) -> (Self, Others) {
        let actors = (0..count).map(|_| Actor { has_joined: true, ..Actor::default() }).collect();
        let mut stage =
            Stage { actors: Arc::new(Mutex::new(actors)), starts: Arc::new(Mutex::new(starts)), events: None, threads };
        let others = Others::meet(false, |events| {
            stage.events = Some(events);
            (1..=count).for_each(|process| stage.hello(process, |_| ()));
            Ok(Script { actors: Arc::clone(&stage.actors), starts: Arc::clone(&stage.starts) })
        });
        (stage, others.expect("all have said hello"))
    }

    pub(super) fn actors(&self) -> MutexGuard<'_, Vec<Actor>> {
        self.actors.lock().expect("no panic")
    }

    pub(super) fn post(&self, event: Event) {
        self.events.as_ref().expect("a channel").send(event).expect("somebody who listens");
    }

    fn report(&self, process: usize, body: Vec<u8>, report: &Report) {
        self.post(Event::Letter(process, letter::seal(body, report).to_vec()));
    }

    /// Lets a process say hello.
    pub(super) fn hello(&self, process: usize, change: impl FnOnce(&mut Hello)) {
        let mut hello = Hello::of_this_process();
        hello.facts.threads = self.threads;
        change(&mut hello);
        self.actors()[process - 1].has_joined = true;
        self.post(Event::Letter(process, hello.seal().to_vec()));
    }

    /// Lets a process die.
    pub(super) fn kill(&self, process: usize) {
        let actor = &mut self.actors()[process - 1];
        actor.has_ended = true;
        actor.orders.clear();
        self.post(Event::Lost(process, "signal 9 (SIGKILL)".to_owned()));
    }

    /// Lets a process do what it does next, which kills it if an item is one of `killers`.
    pub(super) fn step(&self, process: usize, nanos: u64, killers: &[u64]) {
        let mut actors = self.actors();
        let actor = &mut actors[process - 1];
        if actor.has_ended {
            return;
        }
        if !actor.has_joined {
            drop(actors);
            self.hello(process, |_| ());
            return;
        }
        let Some(order) = actor.orders.pop_front() else { return };
        match letter::open(&order).expect("an order") {
            (Order::Open { call, function, .. }, body) => {
                assert_eq!((function.path, body), ("model::simulate", &b"fixed"[..]));
                actor.call = Some(call);
                actor.opened += 1;
            }
            (Order::Run { call, chunk, items, .. }, body) => {
                assert_eq!(actor.call, Some(call), "a chunk of a call that is not open");
                let numbers = numbers(body);
                assert_eq!(numbers.len(), items);
                actor.ran.push(items);
                drop(actors);
                if numbers.iter().any(|number| killers.contains(number)) {
                    self.kill(process);
                } else {
                    self.report(process, body.to_vec(), &Report::Ran { call, chunk, nanos });
                }
            }
            (Order::Close { call, reply }, _) => {
                actor.call = None;
                drop(actors);
                if reply {
                    self.report(process, Vec::new(), &Report::Closed { call });
                }
            }
            (Order::Quit, _) => actor.has_ended = true,
        }
    }

    /// Lets a process do everything that it has been told.
    pub(super) fn finish(&self, process: usize) {
        while !self.actors()[process - 1].orders.is_empty() {
            self.step(process, 1_000, &[]);
        }
    }
}

/// Returns the numbers in the bytes of items.
pub(super) fn numbers(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(ITEM_BYTES).map(|bytes| u64::from_le_bytes(bytes.try_into().expect("8 bytes"))).collect()
}

/// Begins a call.
pub(super) fn begin(others: Others) -> Dispatch {
    let mut dispatch = Dispatch::new(0, others);
    let function = Function { path: "model::simulate", file: "model.rs", line: 1, column: 1, code: 1 };
    dispatch.open(function, b"fixed".to_vec(), None);
    dispatch
}
