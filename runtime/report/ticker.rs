//! The thread that shows the progress of all calls of the process, ten times per second.

use crate::report::count::Count;
use crate::report::log::Log;
use crate::unwind::{catch, discard};
use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::cell::Cell;
use std::fmt;
use std::io::{self, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Time between two updates of the bars. It looks smooth, and costs the cores next to nothing.
const DRAW_INTERVAL: Duration = Duration::from_millis(100);

/// Minimum duration of a call before it shows anything. The bar of a shorter call would only flash,
/// and many short calls would fill a log.
const MIN_SHOWN_DURATION: Duration = Duration::from_millis(300);

/// Maximum number of ticks without a watched call, after which the drawing thread ends.
const MAX_IDLE_TICKS: u32 = 20;

/// The bars on the terminal, one below the other.
///
/// Only [`tick`] draws them, so the limit of 100 updates per second hardly ever applies.
static SCREEN: LazyLock<MultiProgress> =
    LazyLock::new(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(100)));

/// Maximum time that another thread waits for the drawing thread. Drawing normally takes under a
/// millisecond, but a terminal can block, for example when output is paused.
const MAX_DRAW_WAIT: Duration = Duration::from_secs(1);

/// The watched calls.
///
/// No thread holds this lock while it draws, because a terminal, or a lock in a custom bar, may
/// block.
static WATCHES: Mutex<Watches> =
    Mutex::new(Watches { all: Vec::new(), is_ticking: false, is_drawing: false, is_drawn: false, messages: 0 });

/// Wakes the drawing thread before its next tick is due.
static WANTED: Condvar = Condvar::new();

/// Wakes the threads that wait for the end of a tick.
static DONE: Condvar = Condvar::new();

thread_local! {
    /// Whether this thread is running code of a bar or of a log.
    static IS_DRAWING: Cell<bool> = const { Cell::new(false) };
}

/// The watched calls and the state of the drawing thread.
struct Watches {
    all: Vec<Arc<Watch>>,
    /// Whether the drawing thread exists. It alone draws on the terminal and clears it, because
    /// indicatif does neither on a panicking thread.
    is_ticking: bool,
    /// Whether the drawing thread is drawing.
    is_drawing: bool,
    /// Whether there are bars on the terminal.
    is_drawn: bool,
    /// Number of panic messages that are being printed. Nothing is drawn until it is 0.
    messages: usize,
}

/// The bar of a call.
#[derive(Clone)]
pub(crate) struct Bar {
    pub(crate) bar: ProgressBar,
    /// Whether this crate created the bar, rather than the user.
    pub(crate) is_ours: bool,
}

/// A watched call.
struct Watch {
    count: Arc<Count>,
    bar: Option<Bar>,
    log: Option<Arc<Log>>,
    begun: Instant,
    /// Number of items that the bar has been increased by.
    reported: AtomicU64,
    /// Number of those whose results come from a checkpoint.
    reported_stored: AtomicU64,
    /// Whether the bar is on the terminal. Always false for a custom bar.
    is_shown: AtomicBool,
    /// Whether the call has ended.
    has_ended: AtomicBool,
    /// Whether the drawing thread has finished with the bar.
    is_done: AtomicBool,
}

/// Returns whether anybody would see a bar.
pub(crate) fn is_attended() -> bool {
    !SCREEN.is_hidden()
}

/// Creates a bar that is not on the terminal yet.
pub(crate) fn bar(label: String, length: Option<u64>) -> Bar {
    let style = if length.is_some() {
        style("{prefix} {percent:>3}% [{bar:30}] {human_pos}/{human_len}{rate}").progress_chars("=> ")
    } else {
        style("{prefix} {spinner} {human_pos} items, {elapsed}{rate}").tick_chars("-\\|/ ")
    };
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
    Bar { bar: bar.with_style(style).with_prefix(label), is_ours: true }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the template is valid");
    style.with_key("rate", |state: &ProgressState, text: &mut dyn fmt::Write| {
        let rate = state.per_sec();
        if state.pos() == 0 || rate <= 0.0 {
            return;
        }
        let digits = if rate < 10.0 { 2 } else { 0 };
        // Writing to a string cannot fail.
        let _ = write!(text, ", {rate:.digits$}/s");
        if state.len().is_some() {
            let _ = write!(text, ", {:#} left", HumanDuration(state.eta()));
        }
    })
}

/// Begins to watch a call, and starts the drawing thread if there is none.
pub(crate) fn add(count: &Arc<Count>, bar: Option<&Bar>, log: Option<&Arc<Log>>) {
    if let Some(Bar { bar, is_ours: true }) = bar {
        bar.reset();
    }
    let mut watches = lock();
    watches.all.push(Arc::new(Watch {
        count: Arc::clone(count),
        bar: bar.cloned(),
        log: log.cloned(),
        begun: Instant::now(),
        reported: AtomicU64::new(0),
        reported_stored: AtomicU64::new(0),
        is_shown: AtomicBool::new(false),
        has_ended: AtomicBool::new(false),
        is_done: AtomicBool::new(false),
    }));
    if !watches.is_ticking {
        // If the thread cannot be started, the call runs without a bar.
        watches.is_ticking = thread::Builder::new().name("parallelize-progress".to_owned()).spawn(tick).is_ok();
    }
}

/// Stops watching a call that has ended. Removes its bar from the terminal, and ends its log.
pub(crate) fn remove(count: &Arc<Count>) {
    let mut watches = lock();
    let Some(place) = watches.all.iter().position(|watch| Arc::ptr_eq(&watch.count, count)) else { return };
    let watch = Arc::clone(&watches.all[place]);
    watch.has_ended.store(true, Ordering::Relaxed);
    if watches.is_drawing || watch.is_shown.load(Ordering::Relaxed) {
        // The bar must be gone when this returns, because the calling code may print next.
        drop(wait_until(watches, |_| watch.is_done.load(Ordering::Relaxed)));
    } else {
        watches.all.remove(place);
        drop(watches);
    }
    watch.draw(|| {
        watch.report();
        if let Some(log) = &watch.log {
            let elapsed = watch.begun.elapsed();
            log.end(&watch.count, elapsed, elapsed >= MIN_SHOWN_DURATION);
        }
    });
}

/// Wakes the drawing thread, and waits until `is_done`, at most [`MAX_DRAW_WAIT`].
fn wait_until(watches: Locked<'_>, is_done: impl Fn(&Watches) -> bool) -> Locked<'_> {
    WANTED.notify_one();
    DONE.wait_timeout_while(watches, MAX_DRAW_WAIT, |watches| !is_done(watches))
        .unwrap_or_else(PoisonError::into_inner)
        .0
}

/// Runs the drawing thread.
fn tick() {
    let mut watches = lock();
    let mut idle = 0;
    while idle < MAX_IDLE_TICKS {
        // If a call has ended since the last tick, its thread waits for this one: do not pause.
        if watches.messages > 0 || !watches.all.iter().any(|watch| watch.has_ended.load(Ordering::Relaxed)) {
            watches = WANTED.wait_timeout(watches, DRAW_INTERVAL).unwrap_or_else(PoisonError::into_inner).0;
        }
        let all = watches.all.clone();
        let is_printing = watches.messages > 0;
        watches.is_drawing = true;
        drop(watches);
        if is_printing {
            // An error means that the terminal is gone.
            let _ = SCREEN.clear();
        } else {
            for watch in all {
                watch.tick();
            }
        }
        watches = lock();
        watches.is_drawing = false;
        watches.all.retain(|watch| !watch.is_done.load(Ordering::Relaxed));
        watches.is_drawn = !is_printing && watches.all.iter().any(|watch| watch.is_shown.load(Ordering::Relaxed));
        DONE.notify_all();
        idle = if watches.all.is_empty() { idle + 1 } else { 0 };
    }
    watches.is_ticking = false;
}

impl Watch {
    /// Updates the bar and the log, or finishes the bar if the call has ended.
    fn tick(&self) {
        if self.has_ended.load(Ordering::Relaxed) {
            self.draw(|| self.end());
            self.is_done.store(true, Ordering::Relaxed);
        } else {
            self.draw(|| {
                self.show();
                if let Some(log) = &self.log {
                    log.write_if_due(self.begun.elapsed(), &self.count);
                }
            });
        }
    }

    /// Runs code of a bar or of a log. A custom one may panic: this does not affect the call, and
    /// ends the updates.
    fn draw(&self, draw: impl FnOnce()) {
        IS_DRAWING.set(true);
        if let Err(payload) = catch(draw) {
            discard(payload);
            self.is_done.store(true, Ordering::Relaxed);
        }
        IS_DRAWING.set(false);
    }

    /// Updates the bar, and puts it on the terminal if the call has run long enough.
    fn show(&self) {
        let Some(Bar { bar, is_ours }) = &self.bar else { return };
        let is_shown = self.is_shown.load(Ordering::Relaxed);
        if *is_ours && !is_shown && self.begun.elapsed() >= MIN_SHOWN_DURATION {
            clear_before_panics();
            // Behind printed text the bar would wrap, and one of its two lines would stay visible.
            let _ = io::stderr().write_all(b"\r");
            SCREEN.add(bar.clone());
            self.is_shown.store(true, Ordering::Relaxed);
        }
        if !self.report() && *is_ours {
            // The bar also shows the elapsed time.
            bar.tick();
        }
    }

    /// Increases the bar by the items that were finished since the last time, and returns whether
    /// there were any.
    fn report(&self) -> bool {
        let Some(Bar { bar, is_ours }) = &self.bar else { return false };
        let stored = self.count.stored();
        let sum = self.count.sum();
        let new = sum.saturating_sub(self.reported.fetch_max(sum, Ordering::Relaxed));
        if new > 0 {
            bar.inc(new);
        }
        // The rate, and the time that is left, are those of items that are computed.
        if stored > self.reported_stored.fetch_max(stored, Ordering::Relaxed) && *is_ours {
            bar.reset_eta();
        }
        new > 0
    }

    /// Reports the last items, and removes the bar from the terminal.
    fn end(&self) {
        self.report();
        if let Some(Bar { bar, .. }) = self.bar.as_ref().filter(|_| self.is_shown.load(Ordering::Relaxed)) {
            bar.finish_and_clear();
            SCREEN.remove(bar);
        }
    }
}

/// Sets a panic hook that removes the bars from the terminal while a panic message is printed.
///
/// Otherwise the message would be printed into a bar. The hook is set once per process, and calls
/// the previous hook. No lock is held during that call, because the previous hook may run any code.
fn clear_before_panics() {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if IS_DRAWING.get() {
                return previous(info);
            }
            let mut watches = lock();
            watches.messages += 1;
            if watches.is_drawn || watches.is_drawing {
                watches = wait_until(watches, |watches| !watches.is_drawn && !watches.is_drawing);
            }
            drop(watches);
            previous(info);
            lock().messages -= 1;
        }));
    });
}

type Locked<'lock> = MutexGuard<'lock, Watches>;

fn lock() -> Locked<'static> {
    WATCHES.lock().unwrap_or_else(PoisonError::into_inner)
}
