//! Progress logs: lines while a call runs, and a last one at its end.

use parallelize::indicatif::ProgressBar;
use parallelize::{CancelToken, Progress, ProgressLine, parallelize};
use std::panic::{catch_unwind, resume_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// The lines of a log, in the order in which they were written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<ProgressLine>>>);

impl Lines {
    /// A log with as many lines as possible, or with those after each `interval`.
    fn log(&self, progress: impl Into<Progress>, interval: Duration) -> Progress {
        let lines = self.clone();
        progress.into().log_with(interval, move |line| lines.0.lock().expect("no panic").push(line.clone()))
    }

    fn log_all(&self, progress: impl Into<Progress>) -> Progress {
        self.log(progress, Duration::ZERO)
    }

    fn count(&self) -> usize {
        self.0.lock().expect("no panic").len()
    }

    /// Returns the lines of a call that has ended, after checking what holds for all of them.
    fn take(self) -> Vec<ProgressLine> {
        let lines = self.0.lock().expect("no panic").clone();
        let (last, others) = lines.split_last().expect("a last line");
        assert!(last.is_last() && last.eta().is_none());
        assert!(others.iter().all(|line| !line.is_last()), "one last line");
        assert!(lines.is_sorted_by_key(ProgressLine::position));
        assert!(lines.is_sorted_by_key(ProgressLine::elapsed));
        lines
    }
}

/// Waits at item 10 until there are `count` lines, so that the call cannot end before.
#[parallelize(over = x, threads = 2)]
fn watched(x: u64, lines: &Lines, count: usize) -> Option<u64> {
    let start = Instant::now();
    while x == 10 && lines.count() < count {
        assert!(start.elapsed() < Duration::from_secs(30), "no line is written");
        thread::sleep(Duration::from_millis(1));
    }
    (x < 40).then_some(x)
}

#[test]
fn lines_are_written_while_a_call_runs_and_at_its_end() {
    let lines = Lines::default();
    let calls = watched_parallel_iter(0..100, &lines, 3).progress(lines.log_all("watching"));
    assert_eq!(calls.collect::<Vec<_>>().len(), 100);
    let lines = lines.take();
    assert!(lines.len() >= 4, "{lines:?}");
    assert!(lines.iter().all(|line| line.length() == Some(100) && line.label() == "watching"));
    assert!(lines[0].position() < 100);
    let last = lines.last().expect("a last line");
    assert_eq!(last.position(), 100);
    assert!(last.to_string().starts_with("watching: 100/100 (100%) in "), "{last}");
}

#[test]
fn a_stream_ends_its_log_when_it_is_dropped() {
    let lines = Lines::default();
    let progress = lines.log_all(String::from("watching"));
    let mut results = watched_parallel_iter(0.., &lines, 1).progress(progress).into_iter();
    assert_eq!(results.by_ref().take(30).count(), 30);
    assert!(!lines.0.lock().expect("no panic").iter().any(ProgressLine::is_last));
    drop(results);
    let lines = lines.take();
    let last = lines.last().expect("a last line");
    assert!(last.position() >= 30 && last.length().is_none());
    assert!(last.to_string().contains(" items in "), "{last}");
}

#[test]
fn the_length_is_that_of_the_user_or_of_the_input() {
    for (given, expected) in [(None, None), (Some(60), Some(60)), (Some(0), Some(0))] {
        let lines = Lines::default();
        let progress = given.map_or_else(|| Progress::new("x"), |length| Progress::new("x").with_length(length));
        let input = (0..120).filter(|x| x % 2 == 0);
        let calls = watched_parallel_iter(input, &lines, 1).progress(lines.log_all(progress));
        assert_eq!(calls.collect::<Vec<_>>().len(), 60);
        let lines = lines.take();
        assert!(lines.iter().all(|line| line.length() == expected), "{lines:?}");
        assert_eq!(lines.last().expect("a last line").position(), 60);
    }
    // It overrides that of the input, and that of a custom bar.
    let bar = ProgressBar::hidden();
    bar.set_length(7);
    let lines = Lines::default();
    let progress = lines.log_all(Progress::from(bar.clone()).with_length(200));
    assert_eq!(watched_parallel_iter(0..100, &lines, 1).progress(progress).into_iter().count(), 100);
    assert!(lines.take().iter().all(|line| line.length() == Some(200)));
    assert_eq!((bar.position(), bar.length()), (100, Some(200)));
}

#[test]
fn a_custom_bar_counts_next_to_the_log() {
    let bar = ProgressBar::hidden().with_prefix("both");
    bar.set_length(200);
    for _ in 0..2 {
        let lines = Lines::default();
        let calls = watched_parallel_iter(0..100, &lines, 1).progress(lines.log_all(bar.clone()));
        assert_eq!(calls.skip_none().collect::<Vec<_>>().len(), 40);
        let lines = lines.take();
        let last = lines.last().expect("a last line");
        // Those of this call alone.
        assert_eq!((last.label(), last.position(), last.length()), ("both", 100, Some(100)));
    }
    assert_eq!((bar.position(), bar.length()), (200, Some(200)));
}

#[parallelize(over = x)]
fn panicking(x: u64, lines: &Lines) -> u64 {
    watched(x, lines, 1);
    if x == 20 {
        resume_unwind(Box::new(x));
    }
    x
}

#[test]
fn calls_that_end_early_have_a_last_line() {
    let failed = Lines::default();
    let calls = watched_parallel_iter(0.., &failed, 1).progress(failed.log_all("failing"));
    assert_eq!(calls.try_collect::<Vec<_>>(), None);
    assert!(failed.take().last().expect("a last line").position() >= 40);

    let (stopped, token) = (Lines::default(), CancelToken::new());
    let calls = watched_parallel_iter(0.., &stopped, 1).progress(stopped.log_all("stopping")).cancel_with(&token);
    let mut seen = 0;
    let outcome = calls.for_each(|_| {
        seen += 1;
        if seen == 50 {
            token.cancel();
        }
    });
    outcome.expect_err("it is cancelled");
    assert!(stopped.take().last().expect("a last line").position() >= 50);

    let panicked = Lines::default();
    let calls = panicking_parallel_iter(0..1_000_000, &panicked).progress(panicked.log_all("panicking"));
    assert!(catch_unwind(std::panic::AssertUnwindSafe(|| calls.collect::<Vec<_>>())).is_err());
    let lines = panicked.take();
    let last = lines.last().expect("a last line");
    assert!((21..1_000_000).contains(&last.position()) && last.length() == Some(1_000_000), "{last}");
}

#[test]
fn a_short_call_writes_nothing_before_its_first_interval() {
    let lines = Lines::default();
    let start = Instant::now();
    let calls = watched_parallel_iter(0..100, &lines, 0).progress(lines.log("short", Duration::from_secs(600)));
    assert_eq!(calls.collect::<Vec<_>>().len(), 100);
    // On a busy machine it may take longer.
    if start.elapsed() < Duration::from_millis(300) {
        assert_eq!(lines.count(), 0);
    }
    // A longer one writes its last line.
    let lines = Lines::default();
    let calls = pause_parallel_iter([50; 8]).threads(1).progress(lines.log("long", Duration::MAX));
    assert_eq!(calls.into_iter().sum::<u64>(), 400);
    assert_eq!(lines.take().len(), 1);
}

#[test]
fn a_closure_that_panics_is_not_called_again() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let progress = Progress::new("panicking").log_with(Duration::ZERO, move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        resume_unwind(Box::new("no log"));
    });
    assert_eq!(pause_parallel_iter([100; 5]).threads(1).progress(progress).collect::<Vec<_>>(), [100; 5]);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn each_of_several_calls_has_its_own_log() {
    let ends = mpsc::channel();
    let progress = |label: &str| {
        let sender = ends.0.clone();
        Progress::new(label).log_with(Duration::from_millis(100), move |line| {
            if line.is_last() {
                sender.send((line.label().to_owned(), line.position())).expect("a receiver");
            }
        })
    };
    thread::scope(|scope| {
        for (label, items) in [("a", 8), ("b", 9), ("c", 10)] {
            let progress = progress(label);
            scope.spawn(move || pause_parallel_iter(vec![50; items]).threads(1).progress(progress).for_each(drop));
        }
    });
    let mut ends: Vec<_> = ends.1.try_iter().collect();
    ends.sort();
    assert_eq!(ends, [("a".to_owned(), 8), ("b".to_owned(), 9), ("c".to_owned(), 10)]);
}

/// Waits so long.
#[parallelize(over = millis, progress = Progress::new("pausing").log_every(Duration::from_millis(100)))]
fn pause(millis: u64) -> u64 {
    thread::sleep(Duration::from_millis(millis));
    millis
}

#[test]
fn lines_go_to_the_standard_error_if_that_is_no_terminal() {
    if std::env::var_os("IN_PROCESS").is_some() {
        assert_eq!(pause_parallel([50; 20]), [50; 20]);
        return;
    }
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "progress::lines_go_to_the_standard_error_if_that_is_no_terminal", "--nocapture"])
        .env("IN_PROCESS", "1")
        .env("RAYON_NUM_THREADS", "2")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", output.status);
    let text = String::from_utf8(output.stderr).expect("text");
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("pausing: ")).collect();
    assert!(lines.last().is_some_and(|line| line.starts_with("pausing: 20/20 (100%) in ")), "{text}");
    assert!(lines.iter().all(|line| line.contains("/20 (")), "{text}");
}
