//! The transport of letters between the ranks of an MPI run.

use crate::thread::{Order, Run, run};
use parallelize::__private::cluster::{Letter, Transport};
use std::process;
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};

/// The connection of this process to the other ranks. Dropped, it leaves the run.
pub(crate) struct Ranks {
    pub(crate) run: Run,
    orders: Sender<Order>,
    /// The thread that calls MPI, until this is dropped.
    thread: Option<JoinHandle<()>>,
}

impl Ranks {
    /// Starts MPI. Returns `None` if it has been started before.
    pub(crate) fn start() -> Option<Self> {
        let (orders, received) = channel();
        let (begun, has_begun) = sync_channel(1);
        let serve = move || run(&begun, &received);
        let thread = Builder::new().name("parallelize-mpi".to_owned()).spawn(serve).expect("a thread for MPI");
        // An error: the thread has ended.
        let run = has_begun.recv().ok()?;
        Some(Ranks { run, orders, thread: Some(thread) })
    }

    /// Passes each letter to this function from now on, on the thread that calls MPI.
    pub(crate) fn listen(&self, listener: impl Fn(usize, Vec<u8>) + Send + 'static) {
        let _ = self.orders.send(Order::Listen(Box::new(listener)));
    }

    /// Ends all processes of the run with this exit code, whatever they do.
    pub(crate) fn abort(mut self, code: i32) -> ! {
        let _ = self.orders.send(Order::Abort(code));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // The thread does not come back, unless it has ended before.
        process::exit(code)
    }
}

impl Transport for Ranks {
    fn others(&self) -> usize {
        self.run.processes - 1
    }

    fn send(&mut self, to: usize, letter: Letter) {
        // An error: the thread has failed, and all processes end.
        let _ = self.orders.send(Order::Send(to, letter));
    }
}

impl Drop for Ranks {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::End);
        if let Some(thread) = self.thread.take() {
            // Its failure has ended the process.
            let _ = thread.join();
        }
    }
}
