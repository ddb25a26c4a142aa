//! How letters travel between processes, whatever carries them.

use std::io;
use std::sync::Arc;

/// What is sent. It is shared, so that it can be sent to several processes, or once more.
pub type Letter = Arc<Vec<u8>>;

/// Carries letters from the first process of a run to the others.
///
/// The first process has the number 0, and the others have the numbers from 1 on. What they send
/// arrives in the channel of events that the transport got when it was created. Letters from one
/// process to another arrive in the order in which they were sent.
pub trait Transport: Send {
    /// Returns the number of other processes, dead ones included.
    fn others(&self) -> usize;

    /// Sends a letter to process `to`. What is sent to a process that has died is lost.
    ///
    /// Never waits for another process to do anything but receive.
    fn send(&mut self, to: usize, letter: Letter);

    /// Starts another process instead of one that has died, and returns its number, which is the
    /// next one. `None` means that no process can be started.
    ///
    /// # Errors
    ///
    /// If starting the process fails.
    fn restart(&mut self) -> Option<io::Result<usize>> {
        None
    }
}

/// What the first process hears of another one.
#[derive(Debug)]
pub enum Event {
    /// A letter has arrived from this process.
    Letter(usize, Vec<u8>),
    /// This process has died, for this reason: `signal 9 (SIGKILL)`. Nothing of it follows.
    Lost(usize, String),
}
