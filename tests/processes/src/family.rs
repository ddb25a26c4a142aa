//! The children of a process, as the system knows them, and signals for them.

use std::fs;
use std::process::{self, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Returns the ids of the children of this process that are alive.
pub(crate) fn children() -> Vec<u32> {
    children_of(process::id())
}

/// Returns the ids of the children of a process that are alive.
pub(crate) fn children_of(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("processes");
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|id| state_of(*id).is_some_and(|(state, its_parent)| its_parent == parent && state != 'Z')).collect()
}

/// Returns whether a process is alive. One that has died and whose parent does not know yet is not.
pub(crate) fn is_alive(id: u32) -> bool {
    state_of(id).is_some_and(|(state, _)| state != 'Z')
}

/// Returns the state of a process and its parent.
fn state_of(id: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before may contain anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Sends a signal, if the process is still there.
pub(crate) fn signal(id: u32, signal: &str) {
    let mut command = Command::new("kill");
    let _ = command.args([signal, &id.to_string()]).stderr(Stdio::null()).status();
}

/// Waits until something holds.
pub(crate) fn wait_until(what: &str, patience: Duration, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < patience, "{what}: not within {patience:?}");
        thread::sleep(Duration::from_millis(2));
    }
}
