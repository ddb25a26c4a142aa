//! The transport to children of this process.

use crate::distributed::child::Child;
use crate::distributed::entrance::Entrance;
use crate::distributed::threads;
use crate::distributed::transport::{Event, Letter, Transport};
use crate::variables::MAX_THREADS;
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::Sender;

/// The environment variable that tells a child where to connect.
pub(crate) const ADDRESS: &str = "PARALLELIZE_FIRST_PROCESS";

/// Children that run the program of this process.
pub(crate) struct Children {
    /// Process 1 and those after it, dead ones included.
    all: Vec<Child>,
    entrance: Entrance,
    arguments: Vec<OsString>,
    /// The maximum number of threads of a child's calls, unless the user has set it.
    threads: Option<usize>,
    events: Sender<Event>,
}

impl Children {
    /// Starts `count` children.
    pub(crate) fn start(count: usize, events: Sender<Event>) -> io::Result<Self> {
        let share = (threads::limit() / count.max(1)).max(1);
        let mut children = Children {
            all: Vec::new(),
            entrance: Entrance::open()?,
            arguments: env::args_os().collect(),
            threads: env::var_os(MAX_THREADS).is_none().then_some(share),
            events,
        };
        for _ in 0..count {
            children.add()?;
        }
        Ok(children)
    }

    /// Starts one more child, and returns its number.
    fn add(&mut self) -> io::Result<usize> {
        let (address, connection) = self.entrance.expect();
        let mut command = Command::new(program()?);
        command.args(self.arguments.iter().skip(1)).env(ADDRESS, address).stdin(Stdio::null());
        if let Some(threads) = self.threads {
            command.env(MAX_THREADS, threads.to_string());
        }
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            if let Some(name) = self.arguments.first() {
                command.arg0(name);
            }
            // Ctrl-C is for this process, whose end ends its children.
            command.process_group(0);
        }
        let number = self.all.len() + 1;
        let process = command.spawn()?;
        self.all.push(Child::new(number, process, connection, self.events.clone())?);
        Ok(number)
    }
}

impl Transport for Children {
    fn others(&self) -> usize {
        self.all.len()
    }

    fn send(&mut self, to: usize, letter: Letter) {
        if let Some(child) = to.checked_sub(1).and_then(|index| self.all.get(index)) {
            child.send(&letter);
        }
    }

    fn restart(&mut self) -> Option<io::Result<usize>> {
        Some(self.add())
    }
}

/// Ends all children at the same time.
impl Drop for Children {
    fn drop(&mut self) {
        self.all.iter().for_each(Child::end);
    }
}

/// Returns the file of the running program.
fn program() -> io::Result<PathBuf> {
    let program = env::current_exe()?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use std::fs;
        use std::os::unix::fs::MetadataExt;
        // It may have been built again since this process has started. The link still leads to the
        // file that runs.
        let running = PathBuf::from("/proc/self/exe");
        let file = |path: &PathBuf| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
        if file(&running).is_some() && file(&program) != file(&running) {
            return Ok(running);
        }
    }
    Ok(program)
}
