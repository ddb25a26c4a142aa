//! The other processes, as the first one knows them.

use crate::distributed::handshake::Hello;
use crate::distributed::here;
use crate::distributed::letter::{self, Order, Report};
use crate::distributed::registry;
use crate::distributed::transport::{Event, Letter, Transport};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// The maximum number of processes in a row that die before they have said anything.
const MAX_FAILED_STARTS: usize = 3;

/// The time in which the processes of a run must have said something.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// All processes that run items.
pub(crate) struct Others {
    transport: Box<dyn Transport>,
    events: Receiver<Event>,
    /// Where this process receives letters, if it runs items as well.
    here: Option<Sender<Letter>>,
    /// The processes by their numbers, this one first.
    processes: Vec<Process>,
    this: Hello,
    failed_starts: usize,
    /// Why the latest process died.
    reason: String,
    /// The number of calls so far.
    calls: u64,
}

struct Process {
    state: State,
    /// The latest call that was closed while the process ran something of it.
    closing: Option<u64>,
}

enum State {
    /// It has not said anything yet.
    Starting,
    Ready(Hello),
    Dead,
}

/// What has happened.
pub(crate) enum News {
    /// This process can run items from now on.
    Ready,
    /// This process has run a chunk. The bytes are its answer.
    Ran { process: usize, call: u64, chunk: u64, nanos: u64, answer: Vec<u8> },
    /// The call cannot run in this process, for this reason.
    Failed { process: usize, call: u64, message: String },
    /// This process has died, for this reason. With `is_busy`, it may have run something of an
    /// earlier call.
    Lost { process: usize, reason: String, is_busy: bool },
}

impl Others {
    /// Waits until all processes have said that they run the same program.
    ///
    /// # Errors
    ///
    /// If one of them runs another program, or does not start, or if they could not tell two
    /// functions apart. The others have been told to end.
    pub(crate) fn meet<T: Transport + 'static>(
        computes_here: bool,
        connect: impl FnOnce(Sender<Event>) -> io::Result<T>,
    ) -> io::Result<Self> {
        let (sender, events) = channel();
        let transport = connect(sender.clone())?;
        let here = if computes_here { Some(here::start(sender)?) } else { None };
        let this = if computes_here { State::Starting } else { State::Dead };
        let others = (0..transport.others()).map(|_| State::Starting);
        let mut others = Others {
            processes: std::iter::once(this).chain(others).map(Process::new).collect(),
            transport: Box::new(transport),
            events,
            here,
            this: Hello::of_this_process(),
            failed_starts: 0,
            reason: String::new(),
            calls: 0,
        };
        registry::check().map_err(io::Error::other)?;
        let expected = others.able();
        let deadline = Instant::now() + START_PATIENCE;
        while let Some(number) = others.processes.iter().position(|process| matches!(process.state, State::Starting)) {
            if others.next(deadline.saturating_duration_since(Instant::now())).is_none() {
                let seconds = START_PATIENCE.as_secs();
                let message = format!(
                    "process {number} has not reached the guard in `main` within {seconds} s: all processes must \
                     begin with it"
                );
                return Err(io::Error::new(io::ErrorKind::TimedOut, message));
            }
            if others.able() < expected {
                return Err(io::Error::other(others.reason.clone()));
            }
        }
        Ok(others)
    }

    /// Returns what processes that have nothing else to do say about themselves, by their numbers.
    pub(crate) fn ready(&self) -> impl Iterator<Item = (usize, &Hello)> {
        self.processes.iter().enumerate().filter_map(|(number, process)| match &process.state {
            State::Ready(hello) if process.closing.is_none() => Some((number, hello)),
            State::Ready(_) | State::Starting | State::Dead => None,
        })
    }

    /// Returns the number of processes that run items, or will.
    pub(crate) fn able(&self) -> usize {
        self.processes.iter().filter(|process| !matches!(process.state, State::Dead)).count()
    }

    /// Returns why no process is left.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the number of a new call.
    pub(crate) fn begin_call(&mut self) -> u64 {
        self.calls += 1;
        self.calls
    }

    /// Tells a process that a call is over. It may still run something of it if it `is_busy`.
    pub(crate) fn close_call(&mut self, process: usize, call: u64, is_busy: bool) {
        if is_busy {
            self.processes[process].closing = Some(call);
        }
        self.send(process, letter::seal(Vec::new(), &Order::Close { call, reply: is_busy }));
    }

    pub(crate) fn send(&mut self, process: usize, letter: Letter) {
        if matches!(self.processes[process].state, State::Dead) {
            return;
        }
        match &self.here {
            // An error: the thread has ended, which is an event.
            Some(here) if process == 0 => drop(here.send(letter)),
            _ => self.transport.send(process, letter),
        }
    }

    /// Returns the next news, or `None` if there are none within `timeout`.
    pub(crate) fn next(&mut self, timeout: Duration) -> Option<News> {
        // `None` is later than anybody waits.
        let deadline = Instant::now().checked_add(timeout);
        let mut left = timeout;
        loop {
            match self.events.recv_timeout(left) {
                Ok(Event::Letter(process, letter)) => {
                    if let Some(news) = self.read(process, letter) {
                        return Some(news);
                    }
                }
                Ok(Event::Lost(process, reason)) => {
                    if let Some(news) = self.lose(process, reason) {
                        return Some(news);
                    }
                }
                Err(RecvTimeoutError::Timeout) => return None,
                // Nothing can happen any more.
                Err(RecvTimeoutError::Disconnected) => {
                    self.processes.iter_mut().for_each(|process| process.state = State::Dead);
                    return None;
                }
            }
            left = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
        }
    }

    fn read(&mut self, process: usize, mut letter: Vec<u8>) -> Option<News> {
        if matches!(self.processes[process].state, State::Dead) {
            return None;
        }
        match letter::unseal(&mut letter) {
            Some(Report::Hello { protocol, host }) => {
                let hello = Hello::new(protocol, host, &letter);
                if let Some(difference) = hello.difference(process, &self.this) {
                    return Some(self.refuse(process, difference));
                }
                self.processes[process].state = State::Ready(hello);
                self.failed_starts = 0;
                Some(News::Ready)
            }
            Some(Report::Ran { call, chunk, nanos }) => Some(News::Ran { process, call, chunk, nanos, answer: letter }),
            Some(Report::Failed { call, message }) => Some(News::Failed { process, call, message }),
            Some(Report::Closed { call }) => {
                self.processes[process].closing.take_if(|closing| *closing == call).map(|_| News::Ready)
            }
            None => Some(self.refuse(process, format!("process {process} does not speak this protocol"))),
        }
    }

    /// Ends a process that cannot be used. Another one would not be any different.
    fn refuse(&mut self, process: usize, reason: String) -> News {
        self.send(process, letter::seal(Vec::new(), &Order::Quit));
        self.processes[process].state = State::Dead;
        self.reason.clone_from(&reason);
        News::Lost { process, reason, is_busy: false }
    }

    /// Notes that a process has died, and starts another one. Returns `None` if it was not used any
    /// more.
    fn lose(&mut self, process: usize, reason: String) -> Option<News> {
        let is_busy = self.processes[process].closing.is_some();
        match std::mem::replace(&mut self.processes[process].state, State::Dead) {
            State::Dead => return None,
            State::Starting => {
                self.failed_starts += 1;
                self.reason = format!("process {process} ended before it reached the guard in `main`: {reason}");
            }
            State::Ready(_) => {
                self.failed_starts = 0;
                self.reason = format!("process {process} ended: {reason}");
            }
        }
        while self.failed_starts < MAX_FAILED_STARTS {
            match self.transport.restart() {
                None => break,
                Some(Ok(number)) => {
                    self.processes.resize_with(self.processes.len().max(number + 1), || Process::new(State::Starting));
                    break;
                }
                Some(Err(error)) => {
                    self.failed_starts += 1;
                    self.reason = format!("no process can be started instead of process {process}: {error}");
                }
            }
        }
        Some(News::Lost { process, reason, is_busy })
    }
}

impl Process {
    fn new(state: State) -> Self {
        Process { state, closing: None }
    }
}

/// Tells the processes to end.
impl Drop for Others {
    fn drop(&mut self) {
        for process in 0..self.processes.len() {
            self.send(process, letter::seal(Vec::new(), &Order::Quit));
        }
    }
}
