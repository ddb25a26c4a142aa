//! A run that this program starts, watches, and waits for.

use crate::programs::Program;
use std::env;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The maximum time of a run for which the test sets no other.
const MAX_TIME: Duration = Duration::from_secs(300);

pub(crate) struct Started {
    child: Child,
    lines: BufReader<ChildStdout>,
    output: String,
    errors: JoinHandle<String>,
    since: Instant,
}

/// How a run has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) succeeded: bool,
    pub(crate) output: String,
    pub(crate) errors: String,
    /// The time since its start, or since a process was killed.
    pub(crate) took: Duration,
}

impl Started {
    /// Starts the program with this number of ranks. All of them get the variables.
    pub(crate) fn by_mpirun(ranks: usize, program: Program, variables: &[(&str, &str)]) -> Self {
        let mut command = mpirun();
        command.args(["-n", &ranks.to_string()]);
        for (name, value) in variables {
            command.args(["-x", &format!("{name}={value}")]);
        }
        command.arg(this()).args(["program", &program.name()]);
        Started::new(command)
    }

    /// Starts the program as rank 0, and an example as rank 1.
    pub(crate) fn with_another_program(program: Program) -> Self {
        let mut command = mpirun();
        command.args(["-n", "1"]).arg(this()).args(["program", &program.name()]);
        command.args([":", "-n", "1"]).arg(example("sweep"));
        Started::new(command)
    }

    /// Starts the program without `mpirun`.
    pub(crate) fn alone(program: Program, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(this());
        command.args(["program", &program.name()]).envs(variables.iter().copied());
        Started::new(command)
    }

    fn new(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("mpirun");
        let lines = BufReader::new(child.stdout.take().expect("its output"));
        let mut stderr = child.stderr.take().expect("its errors");
        let errors = thread::spawn(move || {
            let mut errors = Vec::new();
            stderr.read_to_end(&mut errors).expect("its errors");
            String::from_utf8_lossy(&errors).into_owned()
        });
        Started { child, lines, output: String::new(), errors, since: Instant::now() }
    }

    /// Waits for a line that begins so, and returns the rest of it.
    pub(crate) fn wait_for(&mut self, begin: &str) -> String {
        loop {
            if let Some(rest) = self.output.lines().find_map(|line| line.strip_prefix(begin)) {
                return rest.to_owned();
            }
            let length = self.lines.read_line(&mut self.output).expect("a line");
            assert!(length > 0, "no line begins with `{begin}`: {}", self.output);
        }
    }

    pub(crate) fn kill(&mut self, process: &str) {
        let killed = Command::new("kill").args(["-9", process]).status().expect("kill");
        assert!(killed.success(), "process {process} cannot be killed");
        self.since = Instant::now();
    }

    pub(crate) fn end(self) -> Ended {
        self.end_within(MAX_TIME)
    }

    /// Waits for the end of a run, which hangs if it takes longer than that.
    pub(crate) fn end_within(mut self, max: Duration) -> Ended {
        let rest = thread::spawn(move || {
            let mut rest = String::new();
            self.lines.read_to_string(&mut rest).expect("its output");
            rest
        });
        let deadline = Instant::now() + max;
        let status = loop {
            match self.child.try_wait().expect("its end") {
                Some(status) => break status,
                None if Instant::now() > deadline => {
                    let _ = self.child.kill();
                    panic!("the run hangs after {}", self.output);
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        let took = self.since.elapsed();
        let output = self.output + &rest.join().expect("its output");
        Ended { succeeded: status.success(), output, errors: self.errors.join().expect("its errors"), took }
    }
}

fn mpirun() -> Command {
    let mut command = Command::new("mpirun");
    command.args(["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"]).env("RUST_BACKTRACE", "0");
    command
}

/// The path of this program.
fn this() -> PathBuf {
    env::current_exe().expect("the path of this program")
}

/// The path of an example, which `cargo test` has built next to this program.
fn example(name: &str) -> PathBuf {
    let this = this();
    let folder = this.parent().and_then(|deps| deps.parent()).expect("the folder of builds");
    let path = folder.join("examples").join(name);
    assert!(path.exists(), "build {} by `cargo build --package parallelize-mpi --examples`", path.display());
    path
}

/// The name of this host.
pub(crate) fn host() -> String {
    let output = Command::new("hostname").output().expect("hostname");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
