//! One call in the processes of a run: which process has which chunk, and what has come back.

use crate::distributed::cluster;
use crate::distributed::handshake::Hello;
use crate::distributed::letter::{self, Order};
use crate::distributed::others::{News, Others};
use crate::distributed::plan::Plan;
use crate::distributed::registry::Function;
use crate::distributed::transport::Letter;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The number of processes that may die of the same item, while they run nothing else.
const MAX_DEATHS: usize = 3;

/// A call that has taken the processes of the run. Dropped, it gives them back, and what still runs
/// for it there is ignored.
pub struct Dispatch {
    /// The processes and their guard, until this is dropped.
    others: Option<(u64, Others)>,
    call: u64,
    /// The letter that opens the call in a process.
    opening: Option<Letter>,
    /// The maximum number of threads of the call in each process.
    threads: Option<usize>,
    /// What each process has, by its number.
    lanes: Vec<Lane>,
    /// Chunks of processes that have died.
    again: VecDeque<Chunk>,
    finished: VecDeque<Finished>,
    plan: Plan,
    /// The number of chunks so far.
    chunks: u64,
}

/// Encoded items for other processes.
#[derive(Default)]
pub(crate) struct Items {
    /// What the caller knows them by.
    pub(crate) id: u64,
    /// Their bytes, one after the other.
    pub(crate) bytes: Vec<u8>,
    /// The end of each item in the bytes, so that items can be sent again one by one.
    pub(crate) ends: Vec<usize>,
}

/// Consecutive items of one that were sent together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) id: u64,
    /// The place of the first of them among the items with this id.
    pub(crate) first: usize,
}

/// What has become of sent items.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finished {
    /// They have run. The bytes are those of an [`Answer`](crate::distributed::answer::Answer).
    Ran(Piece, Vec<u8>),
    /// One item ended each of the processes that ran it, the last of them for this reason.
    Died(Piece, String),
}

/// What a process has of the call.
#[derive(Default)]
struct Lane {
    /// Whether the process knows the call.
    is_open: bool,
    /// The chunks that it has. It runs the first one, or all of them next to each other.
    out: VecDeque<Chunk>,
}

/// Items that are sent together.
struct Chunk {
    number: u64,
    piece: Piece,
    /// The end of each item in the body of the letter.
    ends: Vec<usize>,
    letter: Letter,
    /// Whether it runs next to other chunks.
    is_beside: bool,
    /// Whether a process has died while it ran this chunk and others. It then runs alone.
    is_suspect: bool,
    /// The number of processes that have died while they ran only the chunk, if it is one item.
    deaths: usize,
}

impl Dispatch {
    /// Takes the processes of the run, or returns `None` if this process has no others or if
    /// another call has them.
    ///
    /// # Panics
    ///
    /// If the program runs in several processes and `main` does not begin with a guard.
    #[track_caller]
    #[inline]
    pub(crate) fn take() -> Option<Self> {
        cluster::take().map(|(guard, others)| Dispatch::new(guard, others))
    }

    pub(super) fn new(guard: u64, mut others: Others) -> Self {
        let call = others.begin_call();
        // What has come in meanwhile is of earlier calls, but processes may have died or joined.
        while others.next(Duration::ZERO).is_some() {}
        Dispatch {
            others: Some((guard, others)),
            call,
            opening: None,
            threads: None,
            lanes: Vec::new(),
            again: VecDeque::new(),
            finished: VecDeque::new(),
            plan: Plan::default(),
            chunks: 0,
        }
    }

    /// Opens a call of `function`, of at most `threads` threads in each process. `fixed` are the
    /// bytes of the fixed arguments, which are sent to a process before its first items.
    pub(crate) fn open(&mut self, function: Function<'_>, fixed: Vec<u8>, threads: Option<usize>) {
        self.opening = Some(letter::seal(fixed, &Order::Open { call: self.call, function, threads }));
        self.threads = threads;
    }

    /// Returns how many items should be sent next, or `None` while no process needs any. Then
    /// [`wait`](Self::wait), even if nothing is out: a process may be starting.
    ///
    /// `left` is the number of items that have not been sent, if it is known. With 0 as well, an
    /// item is wanted, because only the input knows whether it has ended.
    pub(crate) fn wanted(&self, left: Option<usize>) -> Option<usize> {
        if !self.again.is_empty() {
            return None;
        }
        let (_, threads) = self.needy(false)?;
        Some(self.plan.size(left, self.others().able(), threads))
    }

    /// Returns whether the items have enough bytes to be sent.
    pub(crate) fn is_full(&self, items: &Items) -> bool {
        self.plan.is_full(items.bytes.len())
    }

    /// Returns the time that an item takes, once it is known.
    pub(crate) fn item_time(&self) -> Option<Duration> {
        self.plan.item_time()
    }

    /// Sends items to the process that needs them most.
    pub(crate) fn send(&mut self, items: Items) {
        if !items.ends.is_empty() {
            self.plan.note_sent(items.ends.len(), items.bytes.len());
            let piece = Piece { id: items.id, first: 0 };
            // As `wanted` has decided for the process that will get it.
            let is_beside = self.needy(false).is_some_and(|(_, threads)| self.plan.is_beside(threads));
            let chunk = self.chunk(piece, items.bytes, items.ends, is_beside);
            self.again.push_back(chunk);
            self.send_again();
        }
    }

    /// Returns whether everything that was sent has come back.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.finished.is_empty() && self.again.is_empty() && self.lanes.iter().all(|lane| lane.out.is_empty())
    }

    /// Waits until sent items are finished, or until `timeout` has passed. Returns `None` as well
    /// when a process has started and needs items.
    ///
    /// # Panics
    ///
    /// If no process is left, and none can be started. If the call cannot run in a process, which
    /// has never happened to a program whose arguments can be decoded.
    pub(crate) fn wait(&mut self, timeout: Duration) -> Option<Finished> {
        let deadline = Instant::now().checked_add(timeout);
        let mut left = timeout;
        loop {
            if let Some(finished) = self.finished.pop_front() {
                return Some(finished);
            }
            let news = self.others_mut().next(left);
            match news {
                Some(News::Ran { process, call, chunk, nanos, answer }) if call == self.call => {
                    self.note_ran(process, chunk, nanos, answer);
                }
                Some(News::Lost { process, reason, is_busy }) => self.note_lost(process, &reason, is_busy),
                Some(News::Failed { process, call, message }) => {
                    assert!(call != self.call, "the call cannot run in process {process}: {message}");
                }
                Some(News::Ready) => {
                    self.send_again();
                    return None;
                }
                // An answer for an earlier call.
                Some(News::Ran { .. }) | None => {}
            }
            let others = self.others();
            let is_needed = !timeout.is_zero() || !self.again.is_empty();
            assert!(
                others.able() > 0 || !self.finished.is_empty() || !is_needed,
                "no process is left to run the items of a distributed call: {}",
                others.reason()
            );
            left = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return self.finished.pop_front();
            }
        }
    }

    fn note_ran(&mut self, process: usize, number: u64, nanos: u64, answer: Vec<u8>) {
        let Some(lane) = self.lanes.get_mut(process) else { return };
        let Some(place) = lane.out.iter().position(|chunk| chunk.number == number) else { return };
        let Some(chunk) = lane.out.remove(place) else { return };
        let hello = self.others().ready().find(|(other, _)| *other == process);
        let threads = hello.filter(|_| !chunk.is_beside).map_or(1, |(_, hello)| self.limit(hello));
        self.plan.note_ran(chunk.ends.len(), nanos, threads);
        self.finished.push_back(Finished::Ran(chunk.piece, answer));
        self.send_again();
    }

    /// Sends what a process had to others. Its running items may be the reason why it has died, so
    /// they are sent in parts, until one item is alone.
    fn note_lost(&mut self, process: usize, reason: &str, is_busy: bool) {
        let Some(lane) = self.lanes.get_mut(process) else { return };
        lane.is_open = false;
        let mut out = std::mem::take(&mut lane.out);
        // A chunk runs if all before it run next to it.
        let beside = out.iter().take_while(|chunk| chunk.is_beside).count();
        let running = if is_busy { 0 } else { out.len().min(beside + 1) };
        // Those that wait first, because nothing speaks against them.
        self.again.extend(out.split_off(running));
        if running > 1 {
            self.again.extend(out.into_iter().map(|chunk| Chunk { is_suspect: true, ..chunk }));
        } else if let Some(chunk) = out.pop_front() {
            self.blame(chunk, reason);
        }
        self.send_again();
    }

    fn blame(&mut self, mut chunk: Chunk, reason: &str) {
        match chunk.ends.len() {
            1 => {
                chunk.deaths += 1;
                if chunk.deaths < MAX_DEATHS {
                    self.again.push_back(chunk);
                } else {
                    self.finished.push_back(Finished::Died(chunk.piece, reason.to_owned()));
                }
            }
            items => {
                let Chunk { piece, mut ends, letter, .. } = chunk;
                let first = Piece { first: piece.first + items / 2, ..piece };
                let last_ends = ends.split_off(items / 2);
                let (middle, end) = (ends[ends.len() - 1], last_ends[last_ends.len() - 1]);
                let last_ends = last_ends.into_iter().map(|end| end - middle).collect();
                for (piece, bytes, ends) in [(piece, &letter[..middle], ends), (first, &letter[middle..end], last_ends)]
                {
                    let half = self.chunk(piece, bytes.to_vec(), ends, false);
                    self.again.push_back(half);
                }
            }
        }
    }

    fn chunk(&mut self, piece: Piece, bytes: Vec<u8>, ends: Vec<usize>, is_beside: bool) -> Chunk {
        self.chunks += 1;
        let order = Order::Run { call: self.call, chunk: self.chunks, items: ends.len(), beside: is_beside };
        let letter = letter::seal(bytes, &order);
        Chunk { number: self.chunks, piece, ends, letter, is_beside, is_suspect: false, deaths: 0 }
    }

    /// Sends chunks as long as a process needs one.
    fn send_again(&mut self) {
        while let Some(first) = self.again.front() {
            let Some((process, _)) = self.needy(first.is_suspect) else { return };
            let (Some(chunk), Some((_, others))) = (self.again.pop_front(), &mut self.others) else { return };
            if self.lanes.len() <= process {
                self.lanes.resize_with(process + 1, Lane::default);
            }
            let lane = &mut self.lanes[process];
            if !lane.is_open {
                lane.is_open = true;
                others.send(process, self.opening.clone().expect("a call is opened first"));
            }
            others.send(process, chunk.letter.clone());
            lane.out.push_back(chunk);
        }
    }

    /// Returns the process that needs items most, and the number of its threads for the call. For a
    /// suspect, it is one that has nothing to do.
    fn needy(&self, is_suspect: bool) -> Option<(usize, usize)> {
        let none = VecDeque::new();
        let processes = self.others().ready().map(|(process, hello)| {
            let out = self.lanes.get(process).map_or(&none, |lane| &lane.out);
            (out, process, self.limit(hello))
        });
        processes
            .filter(|(out, _, threads)| out.is_empty() || !is_suspect && self.has_room(out, *threads))
            .min_by_key(|(out, process, _)| (out.len(), *process))
            .map(|(_, process, threads)| (process, threads))
    }

    /// Returns whether a process with `threads` threads, which has these chunks, needs another one.
    fn has_room(&self, out: &VecDeque<Chunk>, threads: usize) -> bool {
        if out.iter().any(|chunk| chunk.is_suspect) {
            return false;
        }
        if self.plan.is_beside(threads) {
            return out.len() < threads && out.iter().all(|chunk| chunk.is_beside);
        }
        // Items that have turned out to take longer than others go on beside.
        let shared = || out.iter().filter(|chunk| !chunk.is_beside);
        let is_short = |chunk: &Chunk| self.plan.is_short(chunk.ends.len(), threads);
        out.len() < threads.max(2) && shared().count() < 2 && shared().all(is_short)
    }

    /// Returns the number of threads of the call in a process that has said hello.
    fn limit(&self, hello: &Hello) -> usize {
        let threads = hello.facts.threads.max(1);
        self.threads.map_or(threads, |limit| limit.min(threads))
    }

    fn others(&self) -> &Others {
        &self.others.as_ref().expect("they are given back in the end").1
    }

    fn others_mut(&mut self) -> &mut Others {
        &mut self.others.as_mut().expect("they are given back in the end").1
    }

    /// Ends the call in all processes, and returns them and their guard.
    pub(super) fn close(&mut self) -> Option<(u64, Others)> {
        let (guard, mut others) = self.others.take()?;
        for (process, lane) in self.lanes.iter().enumerate().filter(|(_, lane)| lane.is_open) {
            others.close_call(process, self.call, !lane.out.is_empty());
        }
        Some((guard, others))
    }
}

impl Drop for Dispatch {
    fn drop(&mut self) {
        if let Some((guard, others)) = self.close() {
            cluster::give_back(guard, others);
        }
    }
}
