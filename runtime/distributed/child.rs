//! A child of this process: its connection, and how it ends.

use crate::distributed::ending;
use crate::distributed::stream;
use crate::distributed::transport::Event;
use std::io::{self, BufReader, ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::process;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often a child that has not connected yet is asked whether it has ended.
const START_INTERVAL: Duration = Duration::from_millis(5);

/// The time that a child has until it connects, from the guard in its `main`.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// How often a child that says nothing is asked whether it has ended.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The time that a child has to end by itself.
const END_PATIENCE: Duration = Duration::from_secs(2);

/// The longest pause between two looks at a child that ends.
const MAX_END_PAUSE: Duration = Duration::from_millis(5);

/// A child, which a thread of this process looks after.
pub(crate) struct Child {
    connection: Arc<Mutex<Connection>>,
    thread: Option<JoinHandle<()>>,
}

enum Connection {
    Awaited,
    Open(Arc<TcpStream>),
    /// The child must end, or has ended.
    Closed,
}

impl Child {
    /// Looks after a process, which is number `number` of the run and will connect.
    pub(crate) fn new(
        number: usize,
        process: process::Child,
        awaited: Receiver<TcpStream>,
        events: Sender<Event>,
    ) -> io::Result<Self> {
        let connection = Arc::new(Mutex::new(Connection::Awaited));
        let watch = Watch { number, process, connection: Arc::clone(&connection), events };
        let thread = thread::Builder::new().name("parallelize-child".to_owned());
        let thread = thread.spawn(move || watch.run(&awaited))?;
        Ok(Child { connection, thread: Some(thread) })
    }

    /// Sends a letter, which is lost if the child has ended.
    pub(crate) fn send(&self, letter: &[u8]) {
        let stream = match &*lock(&self.connection) {
            Connection::Open(stream) => Arc::clone(stream),
            Connection::Awaited | Connection::Closed => return,
        };
        if stream::write(&mut &*stream, letter).is_err() {
            // Perhaps a part has gone out, so nothing can follow. The thread that reads notices it.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Tells the child to end, by closing its connection.
    pub(crate) fn end(&self) {
        let connection = std::mem::replace(&mut *lock(&self.connection), Connection::Closed);
        if let Connection::Open(stream) = connection {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Waits until the child has ended.
impl Drop for Child {
    fn drop(&mut self) {
        self.end();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread that looks after a child.
struct Watch {
    number: usize,
    process: process::Child,
    connection: Arc<Mutex<Connection>>,
    events: Sender<Event>,
}

impl Watch {
    fn run(mut self, awaited: &Receiver<TcpStream>) {
        let reason = match self.await_connection(awaited) {
            Some(stream) => {
                let mut stream = BufReader::new(Living { stream, process: &mut self.process });
                while let Ok(letter) = stream::read(&mut stream) {
                    // An error: nobody is interested any more.
                    if self.events.send(Event::Letter(self.number, letter)).is_err() {
                        break;
                    }
                }
                self.reap()
            }
            None => self.reap(),
        };
        *lock(&self.connection) = Connection::Closed;
        let _ = self.events.send(Event::Lost(self.number, reason));
    }

    /// Returns the connection to read from, or `None` if there will be none.
    fn await_connection(&mut self, awaited: &Receiver<TcpStream>) -> Option<TcpStream> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            match awaited.recv_timeout(START_INTERVAL) {
                Ok(stream) => {
                    let reader = stream.try_clone().ok()?;
                    reader.set_read_timeout(Some(LOOK_INTERVAL)).ok()?;
                    let mut connection = lock(&self.connection);
                    if matches!(*connection, Connection::Closed) {
                        return None;
                    }
                    *connection = Connection::Open(Arc::new(stream));
                    return Some(reader);
                }
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    let has_ended = !matches!(self.process.try_wait(), Ok(None));
                    if matches!(*lock(&self.connection), Connection::Closed) {
                        // It knows of no connection whose end would tell it.
                        let _ = self.process.kill();
                        return None;
                    }
                    if has_ended {
                        return None;
                    }
                    if Instant::now() >= deadline {
                        let _ = self.process.kill();
                        return None;
                    }
                }
            }
        }
    }

    /// Waits until the child has ended, and ends it if that takes long. Returns how it ended.
    fn reap(&mut self) -> String {
        let deadline = Instant::now() + END_PATIENCE;
        let mut pause = Duration::from_micros(50);
        loop {
            match self.process.try_wait() {
                Ok(Some(status)) => return ending::describe(status),
                Ok(None) if Instant::now() < deadline => {}
                Ok(None) => {
                    let _ = self.process.kill();
                    let status = self.process.wait();
                    return status.map_or_else(|error| error.to_string(), ending::describe);
                }
                Err(error) => return error.to_string(),
            }
            thread::sleep(pause);
            pause = (pause * 2).min(MAX_END_PAUSE);
        }
    }
}

/// The connection of a child, which ends with the child. Otherwise, a process that the child has
/// forked could keep it open.
struct Living<'watch> {
    stream: TcpStream,
    process: &'watch mut process::Child,
}

impl Read for Living<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut has_ended = false;
        loop {
            match self.stream.read(bytes) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if has_ended {
                        return Ok(0);
                    }
                    // What it has sent before is read first.
                    has_ended = !matches!(self.process.try_wait(), Ok(None));
                }
                read => return read,
            }
        }
    }
}

fn lock(connection: &Mutex<Connection>) -> std::sync::MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}
