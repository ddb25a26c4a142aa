//! The thread that alone calls MPI: it sends what it is told to, and asks for letters in between.

use crate::backoff::{Backoff, Rest};
use crate::place::Place;
use mpi::Threading;
use mpi::environment::processor_name;
use mpi::point_to_point::Status;
use mpi::request::scope;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, Destination, Equivalence, Source};
use parallelize::__private::cluster::Letter;
use std::collections::HashMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::time::{Duration, Instant};

/// The tag of the last part of a letter, or of all of it.
const LAST: i32 = 0;

/// The tag of a part that others follow.
const MORE: i32 = 1;

/// The tag of the text that says where a process runs.
const PLACE: i32 = 2;

/// The maximum size of a part, in bytes. MPI counts them with 31 bits.
const MAX_PART: usize = 1 << 30;

/// The tag of the last message between rank 0 and another rank. When rank 0 sends it, the run ends,
/// and the other rank answers with its own. No process leaves MPI before it has that of the other
/// side, because it would no longer receive a letter that is on its way, and its sender would wait
/// for ever.
const END: i32 = 3;

/// The time that a process gets to finish the items that it runs when the run ends.
const MAX_FAREWELL: Duration = Duration::from_secs(2);

/// What other threads ask of this one.
pub(crate) enum Order {
    /// Pass all letters to this function from now on, those that have come already first.
    Listen(Listener),
    /// Send a letter to another process.
    Send(usize, Letter),
    /// Leave the run, after all letters have gone. If rank 0 does so, all others end.
    End,
    /// End all processes of the run, with this exit code.
    Abort(i32),
}

/// What MPI says about the run.
pub(crate) struct Run {
    pub(crate) rank: usize,
    pub(crate) processes: usize,
    /// Where all processes run. Only rank 0 knows that.
    pub(crate) places: Vec<Place>,
}

/// Takes each letter, with the rank that it comes from.
pub(crate) type Listener = Box<dyn Fn(usize, Vec<u8>) + Send>;

/// Starts MPI, tells `begun` about the run, and serves the orders until the last one.
///
/// The sender of `begun` is dropped if MPI cannot be started.
pub(crate) fn run(begun: &SyncSender<Run>, orders: &Receiver<Order>) {
    // No other thread calls MPI. That is what `Funneled` means, on whatever thread MPI is started.
    let Some((universe, level)) = mpi::initialize_with_threading(Threading::Funneled) else { return };
    let world = universe.world();
    let mut post = Post::new(&world);
    let served = catch_unwind(AssertUnwindSafe(|| {
        assert!(level >= Threading::Funneled, "this MPI library supports only programs with a single thread");
        // An error: the process ends already.
        let _ = begun.send(post.meet());
        post.serve(orders)
    }));
    // The end of MPI waits for all processes, so it must not begin after a failure.
    match served {
        Ok(Ending::Regular) => drop(universe),
        Ok(Ending::Exit) => {
            drop(universe);
            process::exit(0);
        }
        Ok(Ending::Abort(code)) => world.abort(code),
        Err(_) => world.abort(101),
    }
}

/// How this process leaves the run.
enum Ending {
    /// Another thread has asked for it.
    Regular,
    /// Rank 0 has asked for it, and items take too long.
    Exit,
    /// All processes end.
    Abort(i32),
}

/// The letters of a process that are on their way.
struct Post<'a> {
    world: &'a SimpleCommunicator,
    /// The first parts of letters, by the ranks that they come from.
    parts: HashMap<usize, Vec<u8>>,
    /// The texts of other ranks that say where they run.
    places: Vec<(usize, Vec<u8>)>,
    /// The number of processes whose last message has come.
    ended: usize,
    /// The letters that nobody has listened to.
    waiting: Vec<(usize, Vec<u8>)>,
    listener: Option<Listener>,
    /// Whether this process has ended its part of the run.
    is_over: bool,
}

impl<'a> Post<'a> {
    fn new(world: &'a SimpleCommunicator) -> Self {
        Post { world, parts: HashMap::new(), places: vec![], ended: 0, waiting: vec![], listener: None, is_over: false }
    }

    /// Tells rank 0 where this process runs, or hears it from all others.
    fn meet(&mut self) -> Run {
        let (rank, processes) = (index(self.world.rank()), index(self.world.size()));
        let here = Place::of_this_process(processor_name().unwrap_or_else(|_| "without a name".to_owned()));
        if rank > 0 {
            self.send(&[(0, here.to_text().as_bytes(), PLACE)]);
            return Run { rank, processes, places: vec![] };
        }
        let backoff = Backoff::new();
        while self.places.len() + 1 < processes {
            if !self.poll() {
                backoff.rest().take();
            }
        }
        self.places.sort_unstable();
        let place = |(_, text): (usize, Vec<u8>)| Place::from_text(&String::from_utf8_lossy(&text));
        let others = self.places.drain(..).filter_map(place);
        Run { rank, processes, places: [here].into_iter().chain(others).collect() }
    }

    fn serve(&mut self, orders: &Receiver<Order>) -> Ending {
        let mut backoff = Backoff::new();
        loop {
            if self.poll() {
                backoff.reset();
            }
            let mut order = match backoff.rest() {
                Rest::Sleep(time) => orders.recv_timeout(time),
                rest => {
                    rest.take();
                    next(orders)
                }
            };
            // Letters that wait already go together, because each may wait for its process.
            let mut letters = vec![];
            while let Ok(Order::Send(to, letter)) = order {
                letters.push((to, letter));
                order = next(orders);
            }
            if !letters.is_empty() {
                self.send_all(&letters);
                backoff.reset();
            }
            match order {
                Ok(Order::Abort(code)) => return Ending::Abort(code),
                Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => {
                    self.end();
                    self.hear_ends();
                    return Ending::Regular;
                }
                Ok(Order::Listen(listener)) => {
                    self.waiting.drain(..).for_each(|(rank, letter)| listener(rank, letter));
                    self.listener = Some(listener);
                }
                Ok(Order::Send(..)) | Err(RecvTimeoutError::Timeout) => {}
            }
            if self.world.rank() > 0 && self.ended > 0 {
                // The thread that serves comes to its end.
                self.end();
                return last(orders);
            }
        }
    }

    /// Sends the last messages of this process. Letters that still come are dropped.
    fn end(&mut self) {
        self.listener = None;
        self.is_over = true;
        self.send(&self.others().map(|rank| (rank, &[][..], END)).collect::<Vec<_>>());
    }

    /// Waits for the last messages of the others.
    fn hear_ends(&mut self) {
        let mut backoff = Backoff::new();
        while self.ended < self.others().len() {
            if self.poll() {
                backoff.reset();
            } else {
                backoff.rest().take();
            }
        }
    }

    /// The ranks that this process talks to: rank 0, or all but rank 0.
    fn others(&self) -> Range<usize> {
        if self.world.rank() > 0 { 0..1 } else { 1..index(self.world.size()) }
    }

    fn send_all(&mut self, letters: &[(usize, Letter)]) {
        let parts = letters.iter().flat_map(|(to, letter)| {
            parts(letter.len(), MAX_PART).map(|(start, end, tag)| (*to, &letter[start..end], tag))
        });
        self.send(&parts.collect::<Vec<_>>());
    }

    /// Sends bytes to ranks, by tags, and takes what comes meanwhile: two processes that send to
    /// each other and take nothing would wait for ever.
    fn send<'b>(&mut self, parts: &[(usize, &'b [u8], i32)]) {
        scope(|scope| {
            let send = |&(to, bytes, tag): &(usize, &'b [u8], i32)| {
                let to = i32::try_from(to).expect("a rank of MPI");
                self.world.process_at_rank(to).immediate_send_with_tag(scope, bytes, tag)
            };
            let mut requests: Vec<_> = parts.iter().map(send).collect();
            let backoff = Backoff::new();
            loop {
                requests = requests.into_iter().filter_map(|request| request.test().err()).collect();
                if requests.is_empty() {
                    return;
                }
                if !self.poll() {
                    backoff.rest().while_sending().take();
                }
            }
        });
    }

    /// Takes all that has come. Returns whether there was something.
    fn poll(&mut self) -> bool {
        let mut has_come = false;
        while let Some((message, status)) = self.world.any_process().immediate_matched_probe() {
            let mut bytes = vec![0; index(status.count(u8::equivalent_datatype()))];
            message.matched_receive_into(&mut bytes[..]);
            self.sort(&status, bytes);
            has_come = true;
        }
        has_come
    }

    fn sort(&mut self, status: &Status, bytes: Vec<u8>) {
        let rank = index(status.source_rank());
        let join = |mut parts: Vec<u8>| {
            parts.extend_from_slice(&bytes);
            parts
        };
        match status.tag() {
            PLACE => self.places.push((rank, bytes)),
            END => self.ended += 1,
            MORE | LAST if self.is_over => {}
            MORE => {
                let parts = self.parts.remove(&rank).unwrap_or_default();
                self.parts.insert(rank, join(parts));
            }
            _ => {
                let letter = self.parts.remove(&rank).map(join).unwrap_or(bytes);
                match &self.listener {
                    Some(listener) => listener(rank, letter),
                    None => self.waiting.push((rank, letter)),
                }
            }
        }
    }
}

/// Waits for the last order of a process whose run has ended. Nobody receives its letters any more.
fn last(orders: &Receiver<Order>) -> Ending {
    let end = Instant::now() + MAX_FAREWELL;
    loop {
        match orders.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Order::Send(..) | Order::Listen(_)) => {}
            Ok(Order::Abort(code)) => return Ending::Abort(code),
            Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => return Ending::Regular,
            Err(RecvTimeoutError::Timeout) => return Ending::Exit,
        }
    }
}

/// Returns the next order without waiting.
fn next(orders: &Receiver<Order>) -> Result<Order, RecvTimeoutError> {
    orders.try_recv().map_err(|error| match error {
        TryRecvError::Empty => RecvTimeoutError::Timeout,
        TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
    })
}

/// A rank, a number of processes or of bytes, which MPI has as signed numbers.
fn index(number: i32) -> usize {
    usize::try_from(number).expect("a number that is not negative")
}

/// Splits a letter: the start, the end and the tag of each part.
fn parts(length: usize, max: usize) -> impl Iterator<Item = (usize, usize, i32)> {
    let count = length.div_ceil(max).max(1);
    (0..count).map(move |part| {
        let end = length.min((part + 1) * max);
        (part * max, end, if part + 1 == count { LAST } else { MORE })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_letters_are_sent_in_parts() {
        let split = |length, max| parts(length, max).collect::<Vec<_>>();
        assert_eq!(split(0, 4), [(0, 0, LAST)]);
        assert_eq!(split(3, 4), [(0, 3, LAST)]);
        assert_eq!(split(4, 4), [(0, 4, LAST)]);
        assert_eq!(split(9, 4), [(0, 4, MORE), (4, 8, MORE), (8, 9, LAST)]);
    }
}
