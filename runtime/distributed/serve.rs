//! The other side: runs the chunks that the first process sends.

use crate::distributed::guard;
use crate::distributed::handshake::Hello;
use crate::distributed::letter::{self, Order, Report};
use crate::distributed::registry::{self, Chunk, Function, Job};
use crate::distributed::transport::Letter;
use crate::unwind::{catch, discard, message};
use crate::variables::stack_bytes;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};
use std::time::Instant;

/// Runs what the first process of the run sends, until it says that this is all, or until `receive`
/// returns `None`. What runs at that time is finished first.
///
/// `receive` waits for the next letter, on a thread of its own, until it has returned `None`. It
/// may end the process instead. Items run on this thread, or on threads that it starts, and `send`
/// sends their results to the first process. `send` is first called at once, with the letter that
/// says which program runs here.
///
/// # Panics
///
/// If the system provides no thread that receives.
pub fn serve(mut receive: impl FnMut() -> Option<Letter> + Send + 'static, mut send: impl FnMut(Letter) + Send) {
    // Functions that items call run on the threads of this process.
    guard::set_alone();
    send(Hello::of_this_process().seal());
    // Calls up to this number are over.
    let closed = Arc::new(AtomicU64::new(0));
    let (orders, received) = channel();
    let over = Arc::clone(&closed);
    let receive_all = move || {
        while let Some(letter) = receive() {
            match letter::open(&letter) {
                Some((Order::Close { call, .. }, _)) => drop(over.fetch_max(call, Ordering::Relaxed)),
                Some((Order::Quit, _)) | None => break,
                Some(_) => {}
            }
            if orders.send(letter).is_err() {
                break;
            }
        }
        over.store(u64::MAX, Ordering::Relaxed);
        drop(orders);
        // The end of a connection may end this process, even if an item runs on.
        while receive().is_some() {}
    };
    let name = "parallelize-receive".to_owned();
    thread::Builder::new().name(name).spawn(receive_all).expect("a thread that receives");
    run(&received, &closed, &mut send);
}

/// Runs what has been received. Chunks of calls that are over are left out.
fn run(received: &Receiver<Letter>, closed: &AtomicU64, send: &mut (dyn FnMut(Letter) + Send)) {
    let mut opened: Option<(u64, Arc<Job>)> = None;
    let send = Mutex::new(send);
    let send = |letter| send.lock().unwrap_or_else(PoisonError::into_inner)(letter);
    thread::scope(|scope| {
        // The chunks that run next to each other.
        let mut beside: Vec<ScopedJoinHandle<()>> = Vec::new();
        for letter in received {
            let Some((order, body)) = letter::open(&letter) else { continue };
            let is_over = |call: u64| call <= closed.load(Ordering::Relaxed);
            match order {
                Order::Open { call, function, threads } if !is_over(call) => {
                    discard(opened.take());
                    let job = catch(|| open(function, threads, body));
                    match job.unwrap_or_else(|payload| Err(message(payload))) {
                        Ok(job) => opened = Some((call, Arc::new(job))),
                        Err(message) => send(letter::seal(Vec::new(), &Report::Failed { call, message })),
                    }
                }
                Order::Run { call, chunk, items, beside: is_beside } if !is_over(call) => {
                    let Some((_, job)) = opened.as_ref().filter(|(opened, _)| *opened == call) else { continue };
                    let bytes = 0..body.len();
                    let (job, letter) = (Arc::clone(job), Arc::clone(&letter));
                    let run = move || {
                        send(run_chunk(&job, Chunk { items, bytes: &letter[bytes] }, call, chunk));
                        // Dropping what a user's type decoded to may panic.
                        discard(job);
                    };
                    beside.retain(|chunk| !chunk.is_finished());
                    if !is_beside {
                        run();
                        continue;
                    }
                    let thread = thread::Builder::new().name("parallelize-beside".to_owned());
                    match thread.stack_size(stack_bytes()).spawn_scoped(scope, run.clone()) {
                        Ok(handle) => beside.push(handle),
                        // The system has no more threads.
                        Err(_) => run(),
                    }
                }
                Order::Close { call, reply } => {
                    discard(opened.take_if(|(opened, _)| *opened <= call));
                    if reply {
                        beside.drain(..).for_each(|chunk| discard(chunk.join()));
                        send(letter::seal(Vec::new(), &Report::Closed { call }));
                    }
                }
                Order::Open { .. } | Order::Run { .. } | Order::Quit => {}
            }
        }
    });
}

/// Runs a chunk, and returns the letter with its results.
fn run_chunk(job: &Job, items: Chunk<'_>, call: u64, chunk: u64) -> Letter {
    let begun = Instant::now();
    match catch(|| job(items)) {
        Ok(answer) => {
            let nanos = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
            letter::seal(answer, &Report::Ran { call, chunk, nanos })
        }
        Err(payload) => letter::seal(Vec::new(), &Report::Failed { call, message: message(payload) }),
    }
}

fn open(function: Function<'_>, threads: Option<usize>, fixed: &[u8]) -> Result<Job, String> {
    let entry = registry::find(function).ok_or("this build of the program does not have the function")?;
    (entry.open)(fixed, threads).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::serve;
    use crate::distributed::letter::{self, Order, Report};
    use crate::distributed::registry::{Entry, Function, Job, PARALLELIZE_FUNCTIONS_0_1};
    use crate::distributed::transport::Letter;
    use crate::distributed::wire::WireError;
    use std::sync::Barrier;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::thread;

    const fn function(path: &str) -> Function<'_> {
        Function { path, file: "test.rs", line: 1, column: 2, code: 3 }
    }

    /// Adds the first fixed byte to all items. Some bytes are mistakes.
    fn open(fixed: &[u8], threads: Option<usize>) -> Result<Job, WireError> {
        let by = *fixed.first().ok_or_else(|| WireError("no byte".to_owned()))?;
        assert!(by != 13, "the argument panics");
        Ok(Box::new(move |chunk| {
            assert!(chunk.bytes != b"bad", "the chunk panics");
            assert_eq!((chunk.items, threads), (chunk.bytes.len(), Some(2)));
            chunk.bytes.iter().map(|byte| byte + by).collect()
        }))
    }

    #[allow(unsafe_code, reason = "the entry is placed in a section, as those of generated code")]
    #[linkme::distributed_slice(PARALLELIZE_FUNCTIONS_0_1)]
    static ADD: Entry = Entry { function: function("test::add"), open };

    /// Starts the other side, which has said hello.
    fn start() -> (Sender<Letter>, Receiver<Reported>) {
        let (orders, received) = channel::<Letter>();
        let (reports, sent) = channel();
        thread::spawn(move || {
            serve(
                move || received.recv().ok(),
                |letter| {
                    let mut letter = letter.to_vec();
                    let report = letter::unseal(&mut letter).expect("a report");
                    reports.send((report, letter)).expect("the test");
                },
            );
        });
        assert!(matches!(sent.recv().expect("a hello").0, Report::Hello { .. }));
        (orders, sent)
    }

    #[allow(unsafe_code, reason = "the entry is placed in a section, as those of generated code")]
    #[linkme::distributed_slice(PARALLELIZE_FUNCTIONS_0_1)]
    static MEET: Entry = Entry { function: function("test::meet"), open: open_meeting };

    /// Each chunk waits for another one.
    #[allow(clippy::unnecessary_wraps, reason = "all entries have this signature")]
    fn open_meeting(_: &[u8], _: Option<usize>) -> Result<Job, WireError> {
        let meeting = Barrier::new(2);
        Ok(Box::new(move |chunk| {
            meeting.wait();
            chunk.bytes.to_vec()
        }))
    }

    type Reported = (Report, Vec<u8>);

    fn order(orders: &Sender<Letter>, body: &[u8], order: &Order<'_>) {
        orders.send(letter::seal(body.to_vec(), order)).expect("the other side");
    }

    fn open_call(orders: &Sender<Letter>, call: u64, fixed: &[u8], path: &str) {
        order(orders, fixed, &Order::Open { call, function: function(path), threads: Some(2) });
    }

    fn run(orders: &Sender<Letter>, call: u64, chunk: u64, items: &[u8]) {
        order(orders, items, &Order::Run { call, chunk, items: items.len(), beside: chunk % 2 == 0 });
    }

    #[test]
    fn chunks_run_with_the_arguments_of_their_call() {
        let (orders, sent) = start();
        for (call, by) in [(1, 1), (2, 10)] {
            open_call(&orders, call, &[by], "test::add");
            for chunk in 1..4 {
                run(&orders, call, chunk, &[5, 6]);
                let (report, answer) = sent.recv().expect("a report");
                assert!(matches!(report, Report::Ran { call: of, chunk: number, .. } if (of, number) == (call, chunk)));
                assert_eq!(answer, [5 + by, 6 + by]);
            }
        }
        order(&orders, &[], &Order::Quit);
        assert!(sent.recv().is_err(), "the end");
    }

    #[test]
    fn chunks_run_next_to_each_other() {
        let (orders, sent) = start();
        open_call(&orders, 1, &[], "test::meet");
        run(&orders, 1, 2, &[7]);
        run(&orders, 1, 4, &[7]);
        for _ in 0..2 {
            let (report, answer) = sent.recv().expect("a report");
            assert!(matches!(report, Report::Ran { call: 1, chunk: 2 | 4, .. }));
            assert_eq!(answer, [7]);
        }
        order(&orders, &[], &Order::Quit);
        assert!(sent.recv().is_err(), "the end");
    }

    #[test]
    fn closed_calls_run_nothing_more() {
        let (orders, sent) = start();
        // All of this arrives before anything is run, or while it is run.
        open_call(&orders, 1, &[1], "test::add");
        order(&orders, &[], &Order::Close { call: 1, reply: true });
        run(&orders, 1, 1, &[5]);
        open_call(&orders, 2, &[2], "test::add");
        run(&orders, 2, 1, &[5]);
        assert_eq!(sent.recv().expect("a report").0, Report::Closed { call: 1 });
        let (report, answer) = sent.recv().expect("a report");
        assert!(matches!(report, Report::Ran { call: 2, .. }));
        assert_eq!(answer, [7]);
        // Without a reply, and then the connection ends.
        order(&orders, &[], &Order::Close { call: 2, reply: false });
        drop(orders);
        assert!(sent.recv().is_err(), "the end");
    }

    #[test]
    fn calls_that_cannot_run_are_reported() {
        let (orders, sent) = start();
        let failure = |call: u64| {
            let (Report::Failed { call: of, message }, _) = sent.recv().expect("a report") else {
                panic!("no failure")
            };
            assert_eq!(of, call);
            message
        };
        open_call(&orders, 1, &[1], "test::subtract");
        assert!(failure(1).contains("does not have the function"));
        open_call(&orders, 2, &[], "test::add");
        assert_eq!(failure(2), "no byte");
        open_call(&orders, 3, &[13], "test::add");
        assert_eq!(failure(3), "the argument panics");
        open_call(&orders, 4, &[1], "test::add");
        run(&orders, 4, 1, b"bad");
        assert_eq!(failure(4), "the chunk panics");
        // The other side goes on.
        run(&orders, 4, 2, &[1]);
        assert_eq!(sent.recv().expect("a report").1, [2]);
    }
}
