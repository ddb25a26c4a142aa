//! Children of the program on this machine, as the processes of a run.

use crate::distributed::children::{ADDRESS, Children};
use crate::distributed::cluster::{Cluster, drive};
use crate::distributed::entrance::enter;
use crate::distributed::guard;
use crate::distributed::serve::serve;
use crate::distributed::stream;
use std::env;
use std::io::{self, BufReader};
use std::net::TcpStream;
use std::process::{abort, exit};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// The time that what a child does at its exit may take, once nobody needs the child.
const EXIT_PATIENCE: Duration = Duration::from_secs(2);

/// Starts `count` processes of this program, in which calls of functions with the option
/// `distributed` run.
///
/// Call it first in `main`. Each process is a child of this one on the same machine, with the same
/// program, the same arguments, an empty standard input, and the same standard output. In a child,
/// this function does not return: it runs items until this process ends, or drops the [`Cluster`].
/// What `main` does before it is done in each process, so only set up there what items need, such
/// as a logger.
///
/// This process only sends items and receives results, so a child that crashes does not end the
/// run. If a child is killed, aborts or runs out of memory, another one is started, and its items
/// run again. If three children die while they run one item and nothing else, this item panics,
/// with a message that names the signal or the exit code. All other results are those of the serial
/// loop.
///
/// A call uses `count` times the threads of a child. Each child gets an equal share of the threads
/// that this process would use, and at least one. The environment variable `PARALLELIZE_THREADS`
/// sets the threads of each child instead. With `count` 0, there are no children, and calls run on
/// the threads of this process.
///
/// # Cost
///
/// The first use takes the time in which the program starts, because all children start at the same
/// time. Items, fixed arguments and results are copied through a connection. Fixed arguments are
/// sent once per call and child. Use threads, which share all memory, unless items can crash or
/// must run in processes of their own, for example because they call a library that runs in one
/// thread at a time.
///
/// # Security
///
/// Children connect to a port of `127.0.0.1` that is open while the `Cluster` exists. They show a
/// random token, which they get in an environment variable. Connections without it are closed.
///
/// # Errors
///
/// If a child cannot be started, if it ends or takes more than a minute before it comes to this
/// function, if it runs another build of the program, if there is another `Cluster`, or if the
/// program has a function twice, for example because its file is in two crates of the same name.
///
/// A child that does not find the process that has started it prints an error and exits with code
/// 1, because it would do all the work again.
///
/// # Examples
///
/// ```no_run
/// # fn main() -> std::io::Result<()> {
/// let _cluster = parallelize::processes(4)?;
/// // Calls of functions with the option `distributed` run in 4 children.
/// # Ok(())
/// # }
/// ```
pub fn processes(count: usize) -> io::Result<Cluster> {
    if let Ok(address) = env::var(ADDRESS) {
        match enter(&address).and_then(|stream| stream.as_ref().map(serve_at).transpose()) {
            // A child has started this process with other things to do.
            Ok(None) => {}
            Ok(Some(())) => exit(0),
            Err(error) => give_up(&format!("cannot reach the process that has started this one: {error}")),
        }
    }
    if count == 0 {
        return Ok(Cluster::alone());
    }
    guard::warn_of_ranks();
    drive(false, |events| Children::start(count, events))
}

/// Runs items until the connection ends.
fn serve_at(mut stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let receive = move || match stream::read(&mut reader) {
        Ok(letter) => Some(Arc::new(letter)),
        // The first process has ended, or needs this one no longer. Nobody waits for items that
        // run.
        Err(_) => {
            // What a library does at the exit may wait for such an item.
            let _ = thread::Builder::new().spawn(|| {
                thread::sleep(EXIT_PATIENCE);
                abort();
            });
            exit(0)
        }
    };
    serve(receive, |letter| {
        if stream::write(&mut stream, &letter).is_err() {
            // Perhaps a part has gone out, so nothing can follow.
            exit(1);
        }
    });
    Ok(())
}

/// Ends this process, which must not do the work of the first one.
fn give_up(message: &str) -> ! {
    eprintln!("parallelize: {message}");
    exit(1)
}
