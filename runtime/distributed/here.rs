//! Runs items in the first process as in all others: on a thread that gets the same letters.

use crate::distributed::serve::serve;
use crate::distributed::transport::{Event, Letter};
use crate::unwind::{catch, discard};
use crate::variables::stack_bytes;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// Starts the thread, as process 0, and returns where it receives letters. Dropping that ends it.
pub(crate) fn start(events: Sender<Event>) -> io::Result<Sender<Letter>> {
    let (letters, received) = channel();
    let answers = events.clone();
    // An error: the run has ended.
    let send = move |letter| drop(answers.send(Event::Letter(0, Arc::unwrap_or_clone(letter))));
    let work = move || {
        if let Err(payload) = catch(|| serve(move || received.recv().ok(), send)) {
            discard(payload);
            let _ = events.send(Event::Lost(0, "its thread panicked".to_owned()));
        }
    };
    thread::Builder::new().name("parallelize-items".to_owned()).stack_size(stack_bytes()).spawn(work)?;
    Ok(letters)
}
