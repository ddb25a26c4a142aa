//! indicatif: a bar counts the finished items. On a terminal it is drawn during long calls, and
//! removed at their end.

use parallelize::indicatif::{InMemoryTerm, ProgressBar, ProgressDrawTarget, ProgressStyle};
use parallelize::{CancelToken, ItemPanic, parallelize};
use std::panic::catch_unwind;

#[parallelize]
fn square(n: u64) -> u64 {
    n * n
}

fn hidden() -> ProgressBar {
    ProgressBar::hidden()
}

#[test]
fn all_items_are_counted() {
    super::on_threads(|| {
        let bar = hidden();
        let squares: Vec<u64> = square_parallel_iter(0..10_000).progress(bar.clone()).collect();
        assert_eq!(squares, (0..10_000).map(square).collect::<Vec<_>>());
        assert_eq!((bar.position(), bar.length()), (10_000, Some(10_000)));
        assert!(!bar.is_finished(), "the call does not finish the user's bar");
    });
}

#[test]
fn items_of_a_stream_are_counted_when_they_are_finished() {
    let bar = hidden();
    let mut squares = square_parallel_iter(0..).threads(1).progress(bar.clone()).into_iter();
    assert_eq!(squares.by_ref().take(100).sum::<u64>(), 328_350);
    assert_eq!(bar.length(), None);
    drop(squares);
    assert_eq!(bar.position(), 100);

    super::on_threads(|| {
        let bar = hidden();
        let sum: u64 = square_parallel_iter(0..10_000).progress(bar.clone()).into_iter().sum();
        assert_eq!((sum, bar.position()), (333_283_335_000, 10_000));
    });
}

#[test]
fn one_bar_counts_for_several_calls() {
    let bar = ProgressBar::with_draw_target(Some(1_000), ProgressDrawTarget::hidden());
    for _ in 0..10 {
        square_parallel_iter(0..100).progress(bar.clone()).for_each(drop);
    }
    assert_eq!((bar.position(), bar.length()), (1_000, Some(1_000)));
}

#[test]
fn the_method_overrides_the_attribute() {
    let (first, second) = (hidden(), hidden());
    let calls = square_parallel_iter(0..50).progress(first.clone()).catch_panics().progress(second.clone());
    assert_eq!(calls.collect::<Vec<Result<u64, ItemPanic>>>().len(), 50);
    assert_eq!((first.position(), second.position()), (0, 50));
}

#[test]
fn items_with_a_caught_panic_are_counted() {
    #[parallelize]
    fn third(n: u64) -> u64 {
        assert!(!n.is_multiple_of(3), "a multiple of 3");
        n
    }
    let bar = hidden();
    let results: Vec<_> = third_parallel_iter(0..30).catch_panics().progress(bar.clone()).collect();
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 10);
    assert_eq!(bar.position(), 30);

    let bar = hidden();
    let before = third_parallel_iter(0..30).progress(bar.clone()).catch_panics().collect::<Vec<_>>();
    assert_eq!((before.len(), bar.position()), (30, 30));
}

#[test]
fn a_call_that_ends_early_counts_its_finished_items() {
    #[parallelize(over = n)]
    fn odd(n: u64, token: &CancelToken) -> Option<u64> {
        if n == 500 {
            token.cancel();
        }
        (n % 2 == 1 || n < 400).then_some(n)
    }
    super::on_threads(|| {
        let (bar, token) = (hidden(), CancelToken::new());
        let failed = odd_parallel_iter(0..1_000, &token).progress(bar.clone()).try_collect::<Vec<_>>();
        assert_eq!(failed, None);
        assert!((401..1_000).contains(&bar.position()), "{}", bar.position());

        let bar = hidden();
        let calls = odd_parallel_iter(0..1_000, &token).progress(bar.clone());
        let interrupted = calls.cancel_with(&token).collect::<Vec<_>>().unwrap_err();
        assert_eq!(bar.position(), (interrupted.completed.len() + interrupted.out_of_order.len()) as u64);
    });
}

/// Creates a custom bar for each call.
#[parallelize(over = n, progress = hidden(), per_thread(seen = Vec::new()))]
fn remember(n: u64, seen: &mut Vec<u64>) -> usize {
    seen.push(n);
    seen.len()
}

#[parallelize(over = product(x, y), try_collect, threads = 3, progress = "adding")]
fn add(x: u8, y: u8) -> Option<u8> {
    x.checked_add(y)
}

#[parallelize(over = n, progress, catch_panics)]
fn halve(n: u64, _by: u64) -> u64 {
    n / 2
}

#[parallelize(over = n, progress, skip_none)]
fn even(n: u64, divisor: u64) -> Option<u64> {
    n.is_multiple_of(divisor).then_some(n)
}

#[parallelize(over = n, progress, threads = 2)]
fn adder(n: u64, _kind: &str) -> impl Fn(u64) -> u64 + Send {
    move |other| n + other
}

#[parallelize(over = n, progress = format!("{} {}", "nothing", 1))]
fn nothing(n: u64, _more: u64) {
    assert!(n < 9);
}

#[test]
fn with_every_other_option() {
    assert_eq!(remember_parallel(0..20).len(), 20);
    assert_eq!(remember_parallel_iter(0..20).into_iter().count(), 20);
    assert_eq!(add_parallel([1, 2], [10, 20]), Some(vec![11, 21, 12, 22]));
    assert_eq!(add_parallel([1, 2], [10, 254]), None);
    assert_eq!(add_parallel_iter([1, 2], [10, 20]).try_collect::<Vec<_>>(), Some(vec![11, 21, 12, 22]));
    assert_eq!(halve_parallel([1, 2], 2).len(), 2);
    assert_eq!(halve_parallel_iter([1, 2], 2).collect::<Vec<_>>().len(), 2);
    assert_eq!(even_parallel(0..5, 2), [0, 2, 4]);
    assert_eq!(even_parallel_iter(0..5, 2).into_iter().sum::<u64>(), 6);
    assert_eq!(adder_parallel(0..5, "").iter().map(|add| add(1)).sum::<u64>(), 15);
    assert_eq!(adder_parallel_iter(0..5, "").into_iter().map(|add| add(1)).sum::<u64>(), 15);
    nothing_parallel(0..5, 1);
    assert!(catch_unwind(|| nothing_parallel(0..20, 1)).is_err());
}

#[test]
fn a_custom_bar_is_drawn_in_its_style() {
    #[parallelize]
    fn wait(millis: u64) {
        std::thread::sleep(std::time::Duration::from_millis(millis));
    }
    let terminal = InMemoryTerm::new(5, 60);
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::term_like(Box::new(terminal.clone())));
    bar.set_style(ProgressStyle::with_template("waiting {pos} of {len}").expect("a template"));
    wait_parallel_iter([100; 6]).threads(2).progress(bar.clone()).for_each(|()| {
        let shown = terminal.contents();
        assert!(shown.is_empty() || shown.starts_with("waiting ") && shown.ends_with(" of 6"), "{shown}");
    });
    bar.abandon();
    assert_eq!(terminal.contents(), "waiting 6 of 6");
}

/// Tests of the contents of a terminal.
#[cfg(target_os = "linux")]
mod terminal {
    use super::parallelize;
    use rustix::fs::OFlags;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};
    use std::fs::{File, OpenOptions};
    use std::io::{Read, Write};
    use std::os::unix::fs::OpenOptionsExt;
    use std::process::{Command, Stdio};
    use std::thread;
    use std::time::Duration;

    /// Set in the child processes that the tests below start.
    const CHILD: &str = "PARALLELIZE_TEST_PROGRESS";

    #[parallelize(over = millis, try_collect, threads = 2, progress = "simulating")]
    fn simulate(millis: u64, end: &str) -> Result<u64, String> {
        thread::sleep(Duration::from_millis(millis));
        match (millis, end) {
            (31, "failure") => Err(String::from("31 is unlucky")),
            (31, "panic") => panic!("31 is unlucky"),
            _ => Ok(millis),
        }
    }

    /// Runs a call in the child processes of the tests below.
    #[test]
    fn child() {
        let Ok(end) = std::env::var(CHILD) else { return };
        let items = if end == "short" { 4 } else { 60 };
        let input = (0..items).map(|item| if item == 50 { 31 } else { 30 });
        match &*end {
            "stream" => {
                for result in simulate_parallel_iter(input.filter(|_| true), &end) {
                    assert_eq!(result.map(|millis| millis / 10), Ok(3));
                }
            }
            "locked" => {
                let mut errors = std::io::stderr().lock();
                for result in simulate_parallel_iter(input, &end) {
                    writeln!(errors, "{result:?}").expect("a terminal");
                }
                drop(errors);
                // The call has ended while the terminal was locked. Its bar is removed now.
                thread::sleep(Duration::from_millis(500));
            }
            "nested" => {
                #[super::parallelize(over = row, progress = "outer")]
                fn outer(row: u64, end: &str) -> usize {
                    simulate_parallel(std::iter::repeat_n(row, 25), end).map_or(0, |all| all.len())
                }
                assert_eq!(outer_parallel([29, 30, 29, 30], &end), [25; 4]);
            }
            _ => {
                print!("not at the line's begin ");
                std::io::stdout().flush().expect("a terminal or a pipe");
                println!("{:?}", simulate_parallel(input, &end).map(|all| all.len()));
            }
        }
        println!("the end");
    }

    /// Runs the child process on a terminal and returns the successive contents of the screen.
    fn seen(end: &str) -> Vec<String> {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&controller).expect("a terminal of ours");
        unlockpt(&controller).expect("a terminal to be opened");
        let size = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&controller, size).expect("a terminal of that size");
        let name = ptsname(&controller, Vec::new()).expect("a name");
        let flags = i32::try_from(OFlags::NOCTTY.bits()).expect("a flag");
        let open = || {
            let mut options = OpenOptions::new();
            options
                .read(true)
                .write(true)
                .custom_flags(flags)
                .open(name.to_str().expect("a path"))
                .expect("the terminal")
        };
        let mut child = child_process(end).stdout(open()).stderr(open()).spawn().expect("this test once more");

        let mut screen = vt100::Parser::new(24, 100, 0);
        let (mut seen, mut bytes, mut controller) = (Vec::new(), [0; 4096], File::from(controller));
        // An error means that every process has closed the terminal.
        while let Ok(count @ 1..) = controller.read(&mut bytes) {
            screen.process(&bytes[..count]);
            seen.push(screen.screen().rows(0, 100).collect::<Vec<_>>().join("\n"));
        }
        child.wait().expect("the child ends");
        seen
    }

    fn child_process(end: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("this test"));
        command.args(["progress::terminal::child", "--exact", "--nocapture"]).env(CHILD, end).env("TERM", "xterm");
        command.env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::null());
        command
    }

    /// Asserts that a bar with this label was drawn, grew, and is gone at the end.
    fn assert_bar(seen: &[String], label: &str) {
        let bars: Vec<&str> =
            seen.iter().flat_map(|screen| screen.lines()).filter(|line| line.starts_with(label)).collect();
        assert!(bars.len() >= 3, "{seen:?}");
        assert_ne!(bars.first(), bars.last());
        let last = seen.last().expect("something was seen");
        assert!(!last.contains(label), "{last}");
        assert!(last.contains("test result: "), "{last}");
    }

    #[test]
    fn a_long_call_has_a_bar_until_it_ends() {
        let seen = seen("success");
        assert_bar(&seen, "simulating  ");
        assert!(seen.iter().any(|screen| screen.contains("/60, ")), "its length is known");
        assert!(seen.last().is_some_and(|screen| screen.contains("Ok(60)\nthe end")), "{seen:?}");
    }

    #[test]
    fn the_terminal_is_clean_after_an_error() {
        let seen = seen("failure");
        assert_bar(&seen, "simulating  ");
        assert!(seen.last().is_some_and(|screen| screen.contains("Err(\"31 is unlucky\")\nthe end")), "{seen:?}");
    }

    #[test]
    fn the_terminal_is_clean_after_a_panic() {
        let seen = seen("panic");
        assert_bar(&seen, "simulating  ");
        assert!(seen.last().is_some_and(|screen| screen.contains("31 is unlucky\n")), "{seen:?}");
    }

    #[test]
    fn a_stream_of_unknown_length_has_a_bar() {
        let seen = seen("stream");
        assert_bar(&seen, "simulating ");
        assert!(seen.iter().any(|screen| screen.contains(" items, ")), "its length is not known");
    }

    #[test]
    fn nested_calls_have_their_bars_below() {
        let seen = seen("nested");
        assert_bar(&seen, "outer ");
        assert_bar(&seen, "simulating ");
        assert!(seen.iter().any(|screen| screen.contains("outer") && screen.contains("simulating")), "{seen:?}");
    }

    #[test]
    fn a_locked_terminal_does_not_block_the_call() {
        let seen = seen("locked");
        assert!(
            seen.last().is_some_and(|screen| screen.contains("the end\n") && !screen.contains("simulating ")),
            "{seen:?}"
        );
    }

    #[test]
    fn a_short_call_has_no_bar() {
        assert!(seen("short").iter().all(|screen| !screen.contains("simulating")));
    }

    #[test]
    fn no_bar_is_drawn_without_a_terminal() {
        let output = child_process("success").output().expect("this test once more");
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8(printed).expect("text");
        assert!(printed.contains("Ok(60)\nthe end"), "{printed}");
        assert!(!printed.contains("simulating") && !printed.contains('\u{1b}'), "{printed}");
    }
}
