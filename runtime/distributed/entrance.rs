//! Where children connect to the process that has started them: at a port of this machine, with a
//! token that only they know.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The number of bytes of a token.
const TOKEN_BYTES: usize = 32;

/// The answer to a child.
const WELCOME: u8 = 1;
/// The answer to a process that a child has started, which has the child's environment.
const USED: u8 = 2;

/// The time in which a connection must show its token.
const TOKEN_PATIENCE: Duration = Duration::from_secs(10);

/// The pause after a connection that the system could not accept, for example because there are too
/// many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Accepts the connections of children until it is dropped.
pub(crate) struct Entrance {
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    /// The tokens, and where the connection of each is awaited, until it is there.
    tokens: Mutex<Vec<(String, Option<Sender<TcpStream>>)>>,
    is_closed: AtomicBool,
}

impl Entrance {
    pub(crate) fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let accept = {
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        };
        let thread = thread::Builder::new().name("parallelize-accept".to_owned()).spawn(accept)?;
        Ok(Entrance { port, shared, thread: Some(thread) })
    }

    /// Returns the address for one more child, and where its connection arrives.
    pub(crate) fn expect(&self) -> (String, Receiver<TcpStream>) {
        let token = token();
        let address = format!("{} {token}", self.port);
        let (sender, connection) = channel();
        self.shared.tokens.lock().unwrap_or_else(PoisonError::into_inner).push((token, Some(sender)));
        (address, connection)
    }
}

impl Drop for Entrance {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::Release);
        // Wakes the thread. If that fails, the thread stays, and ends with the process.
        let is_awake = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| is_awake) {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        let connection = listener.accept();
        if shared.is_closed.load(Ordering::Acquire) {
            return;
        }
        let Ok((stream, _)) = connection else {
            thread::sleep(ACCEPT_PAUSE);
            continue;
        };
        // On a thread of its own, because a stranger may connect and say nothing.
        let shared = Arc::clone(shared);
        let admit = move || drop(admit(stream, &shared));
        // An error: the connection is closed.
        let _ = thread::Builder::new().name("parallelize-admit".to_owned()).spawn(admit);
    }
}

/// Answers a process that has connected.
fn admit(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(TOKEN_PATIENCE))?;
    let mut shown = [0; TOKEN_BYTES];
    stream.read_exact(&mut shown)?;
    let waiting = {
        let mut tokens = shared.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let known = tokens.iter_mut().find(|(token, _)| is_equal(token.as_bytes(), &shown));
        known.map(|(_, waiting)| waiting.take())
    };
    match waiting {
        Some(Some(waiting)) => {
            stream.set_read_timeout(None)?;
            stream.set_nodelay(true)?;
            stream.write_all(&[WELCOME])?;
            // An error: nobody waits for the child any more.
            let _ = waiting.send(stream);
            Ok(())
        }
        Some(None) => stream.write_all(&[USED]),
        None => stream.shutdown(Shutdown::Both),
    }
}

/// Compares a token in full, so that the time does not tell how much of it is right.
fn is_equal(token: &[u8], shown: &[u8]) -> bool {
    token.len() == shown.len() && token.iter().zip(shown).fold(0, |bits, (one, other)| bits | (one ^ other)) == 0
}

/// Returns a new token: hashes whose keys are random.
fn token() -> String {
    let number = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", number(), number())
}

/// Connects a child to the process that has started it. Returns `None` if it was not that process
/// which started this one, but a child of it.
///
/// # Errors
///
/// If that process has ended, or does not know the token.
pub(crate) fn enter(address: &str) -> io::Result<Option<TcpStream>> {
    let (port, token) = address.split_once(' ').ok_or(io::ErrorKind::InvalidInput)?;
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port.parse().map_err(io::Error::other)?))?;
    stream.set_nodelay(true)?;
    stream.write_all(token.as_bytes())?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    Ok((answer[0] == WELCOME).then_some(stream))
}

#[cfg(test)]
mod tests {
    use super::{Entrance, TOKEN_BYTES, enter, is_equal, token};
    use std::io::{Read, Write};
    use std::time::Duration;

    #[test]
    fn a_token_lets_one_process_in() {
        let entrance = Entrance::open().expect("a port");
        let (address, connection) = entrance.expect();
        let mut child = enter(&address).expect("an answer").expect("a welcome");
        let mut stream = connection.recv_timeout(Duration::from_secs(10)).expect("a connection");
        child.write_all(b"hello").expect("a connection");
        let mut heard = [0; 5];
        stream.read_exact(&mut heard).expect("a connection");
        assert_eq!(&heard, b"hello");
        // What the child starts has the same address.
        assert!(enter(&address).expect("an answer").is_none());
    }

    #[test]
    fn strangers_are_not_let_in() {
        let entrance = Entrance::open().expect("a port");
        let (address, connection) = entrance.expect();
        let port = address.split_once(' ').expect("an address").0;
        assert!(enter(&format!("{port} {}", "0".repeat(TOKEN_BYTES))).is_err());
        let nearly = format!("{}{}", &address[..address.len() - 1], if address.ends_with('0') { '1' } else { '0' });
        assert!(enter(&nearly).is_err());
        // One that says nothing keeps nobody out.
        let _silent = std::net::TcpStream::connect(("127.0.0.1", port.parse::<u16>().expect("a port")));
        assert!(connection.try_recv().is_err());
        assert!(enter(&address).expect("an answer").is_some());
    }

    #[test]
    fn nobody_listens_after_the_end() {
        let entrance = Entrance::open().expect("a port");
        let (address, _connection) = entrance.expect();
        drop(entrance);
        assert!(enter(&address).is_err());
    }

    #[test]
    fn tokens_differ_and_are_compared_in_full() {
        let (one, other) = (token(), token());
        assert_ne!(one, other);
        assert_eq!(one.len(), TOKEN_BYTES);
        assert!(is_equal(one.as_bytes(), one.as_bytes()));
        assert!(!is_equal(one.as_bytes(), other.as_bytes()));
        assert!(!is_equal(one.as_bytes(), &one.as_bytes()[1..]));
    }
}
