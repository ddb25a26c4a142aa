//! Decides when progress bars are drawn: by one thread for the whole process, which looks at the calls that are watched ten times a second.

use crate::report::count::Count;
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

/// How often the bars are drawn: smooth to the eye, nothing to the cores.
const DRAW_INTERVAL: Duration = Duration::from_millis(100);

/// A bar is shown for calls that last longer than this: below, it would only flash.
const MIN_SHOWN_DURATION: Duration = Duration::from_millis(300);

/// The thread ends when no call was watched for so many ticks.
const MAX_IDLE_TICKS: u32 = 20;

/// The bars on the terminal, one below the other. They are drawn by [`tick`] only, so not more often than that.
static SCREEN: LazyLock<MultiProgress> =
    LazyLock::new(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(100)));

/// How long somebody waits for the thread that draws, which has it done in less than a thousandth of that; a terminal may be held up.
const MAX_DRAW_WAIT: Duration = Duration::from_secs(1);

/// The calls that are watched. Locked to keep the list only: whatever draws may wait, for a terminal that is held up or for a lock of the user's.
static WATCHES: Mutex<Watches> =
    Mutex::new(Watches { all: Vec::new(), is_ticking: false, is_drawing: false, is_drawn: false, messages: 0 });

/// There is something to be done now.
static WANTED: Condvar = Condvar::new();

/// It has been done.
static DONE: Condvar = Condvar::new();

thread_local! {
    /// Whether this thread is in a bar's code.
    static IS_DRAWING: Cell<bool> = const { Cell::new(false) };
}

struct Watches {
    all: Vec<Arc<Watch>>,
    /// Whether there is the thread that draws. What is on the terminal is drawn and cleared by it alone: indicatif does neither on a thread that
    /// panics.
    is_ticking: bool,
    /// Whether it is at it.
    is_drawing: bool,
    /// Whether there are bars on the terminal.
    is_drawn: bool,
    /// How many messages of panics are being printed: until they are, nothing is drawn.
    messages: usize,
}

/// A call that is watched.
struct Watch {
    count: Arc<Count>,
    bar: ProgressBar,
    /// The bar is one of [`bar`]'s, and not the user's.
    is_ours: bool,
    begun: Instant,
    /// How much of the count the bar knows.
    told: AtomicU64,
    is_shown: AtomicBool,
    has_ended: AtomicBool,
    /// It is no longer to be watched.
    is_done: AtomicBool,
}

/// Whether anybody would see a bar.
pub(crate) fn is_attended() -> bool {
    !SCREEN.is_hidden()
}

/// A bar, not yet on the terminal.
pub(crate) fn bar(label: String, length: Option<u64>) -> ProgressBar {
    let style = if length.is_some() {
        style("{prefix} {percent:>3}% [{bar:30}] {human_pos}/{human_len}{rate}").progress_chars("=> ")
    } else {
        style("{prefix} {spinner} {human_pos} items, {elapsed}{rate}").tick_chars("-\\|/ ")
    };
    ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden()).with_style(style).with_prefix(label)
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("a template that was tried");
    style.with_key("rate", |state: &ProgressState, text: &mut dyn fmt::Write| {
        let rate = state.per_sec();
        if state.pos() == 0 || rate <= 0.0 {
            return;
        }
        let digits = if rate < 10.0 { 2 } else { 0 };
        // To a string, which cannot fail.
        let _ = write!(text, ", {rate:.digits$}/s");
        if state.len().is_some() {
            let _ = write!(text, ", {:#} left", HumanDuration(state.eta()));
        }
    })
}

/// Watches a call that begins.
pub(crate) fn add(count: &Arc<Count>, bar: &ProgressBar, is_ours: bool) {
    if is_ours {
        bar.reset();
    }
    let mut watches = lock();
    watches.all.push(Arc::new(Watch {
        count: Arc::clone(count),
        bar: bar.clone(),
        is_ours,
        begun: Instant::now(),
        told: AtomicU64::new(0),
        is_shown: AtomicBool::new(false),
        has_ended: AtomicBool::new(false),
        is_done: AtomicBool::new(false),
    }));
    if !watches.is_ticking {
        // Where there is no thread to be had, there is no bar, and the call goes on.
        watches.is_ticking = thread::Builder::new().name("parallelize-progress".to_owned()).spawn(tick).is_ok();
    }
}

/// Watches a call no more: it has ended.
pub(crate) fn remove(count: &Arc<Count>) {
    let mut watches = lock();
    let Some(place) = watches.all.iter().position(|watch| Arc::ptr_eq(&watch.count, count)) else { return };
    let watch = Arc::clone(&watches.all[place]);
    watch.has_ended.store(true, Ordering::Relaxed);
    if watches.is_drawing || watch.is_shown.load(Ordering::Relaxed) {
        // What the caller prints next is to find a clean line.
        drop(wait_until(watches, |_| watch.is_done.load(Ordering::Relaxed)));
    } else {
        watches.all.remove(place);
        drop(watches);
    }
    watch.draw(|| {
        watch.tell();
    });
}

/// Wakes the thread that draws, and waits until it has done what is wanted.
fn wait_until(watches: Locked<'_>, is_done: impl Fn(&Watches) -> bool) -> Locked<'_> {
    WANTED.notify_one();
    DONE.wait_timeout_while(watches, MAX_DRAW_WAIT, |watches| !is_done(watches))
        .unwrap_or_else(PoisonError::into_inner)
        .0
}

/// The life of the thread.
fn tick() {
    let mut watches = lock();
    let mut idle = 0;
    while idle < MAX_IDLE_TICKS {
        // Who has ended since the last look waits.
        if watches.messages > 0 || !watches.all.iter().any(|watch| watch.has_ended.load(Ordering::Relaxed)) {
            watches = WANTED.wait_timeout(watches, DRAW_INTERVAL).unwrap_or_else(PoisonError::into_inner).0;
        }
        let all = watches.all.clone();
        let is_printing = watches.messages > 0;
        watches.is_drawing = true;
        drop(watches);
        if is_printing {
            // Should it fail, there is no terminal any more.
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
    fn tick(&self) {
        if self.has_ended.load(Ordering::Relaxed) {
            self.draw(|| self.end());
            self.is_done.store(true, Ordering::Relaxed);
        } else {
            self.draw(|| self.show());
        }
    }

    /// What a bar of the user's does, and be it a panic, is nothing to the call; after one the bar is left alone.
    fn draw(&self, draw: impl FnOnce()) {
        IS_DRAWING.set(true);
        if let Err(payload) = catch(draw) {
            discard(payload);
            self.is_done.store(true, Ordering::Relaxed);
        }
        IS_DRAWING.set(false);
    }

    fn show(&self) {
        let is_shown = self.is_shown.load(Ordering::Relaxed);
        if self.is_ours && !is_shown && self.begun.elapsed() >= MIN_SHOWN_DURATION {
            clear_before_panics();
            // Behind what somebody printed there, it would be broken into two lines, of which one stays.
            let _ = io::stderr().write_all(b"\r");
            SCREEN.add(self.bar.clone());
            self.is_shown.store(true, Ordering::Relaxed);
        }
        if !self.tell() && self.is_ours {
            // It shows the time as well.
            self.bar.tick();
        }
    }

    /// Tells the bar what has been counted since it was told last, if anything.
    fn tell(&self) -> bool {
        let sum = self.count.sum();
        let new = sum.saturating_sub(self.told.fetch_max(sum, Ordering::Relaxed));
        if new > 0 {
            self.bar.inc(new);
        }
        new > 0
    }

    fn end(&self) {
        self.tell();
        if self.is_shown.load(Ordering::Relaxed) {
            self.bar.finish_and_clear();
            SCREEN.remove(&self.bar);
        }
    }
}

/// From now on bars make way for the message of a panic, which would be printed into them. There is one hook for the whole process, which calls the one
/// that was there. That one may do anything, so nothing is locked meanwhile.
fn clear_before_panics() {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if IS_DRAWING.get() {
                return before(info);
            }
            let mut watches = lock();
            watches.messages += 1;
            if watches.is_drawn || watches.is_drawing {
                watches = wait_until(watches, |watches| !watches.is_drawn && !watches.is_drawing);
            }
            drop(watches);
            before(info);
            lock().messages -= 1;
        }));
    });
}

type Locked<'lock> = MutexGuard<'lock, Watches>;

fn lock() -> Locked<'static> {
    WATCHES.lock().unwrap_or_else(PoisonError::into_inner)
}
