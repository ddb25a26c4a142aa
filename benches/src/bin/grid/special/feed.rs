//! A live feed after a backlog: how long a result comes after its item.

use super::row::{Bench, Figures, Row};
use parallelize::parallelize;
use parallelize_benches::harness::{Times, steps};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// An event: when it was sent, and whether it was live.
type Event = (Instant, bool);

#[parallelize(over = event)]
fn handle(event: Event, count: u64) -> (Event, u64) {
    (event, steps(1, count))
}

/// Number of events that wait at the beginning, and of those that come one by one.
const BACKLOG: usize = 5000;
const LIVE: usize = 150;

/// Time from one live event to the next.
const INTERVAL: Duration = Duration::from_millis(10);

/// Work of one event, in microseconds.
const EVENT_MICROS: f64 = 1.0;

/// Sends all events from another thread, which ends after the last one.
fn feed() -> Receiver<Event> {
    let (sender, receiver) = channel();
    for _ in 0..BACKLOG {
        sender.send((Instant::now(), false)).expect("the receiver exists");
    }
    thread::spawn(move || {
        for _ in 0..LIVE {
            thread::sleep(INTERVAL);
            // The receiver is gone if the reader has ended.
            let _ = sender.send((Instant::now(), true));
        }
    });
    receiver
}

/// Reads all results. Returns the seconds in all, and the longest delay of a live event in seconds.
fn read(results: impl Iterator<Item = (Event, u64)>) -> (f64, f64) {
    let start = Instant::now();
    let delays = results.filter(|((_, is_live), _)| *is_live).map(|((sent, _), _)| sent.elapsed());
    let latest = delays.max().unwrap_or_default();
    (start.elapsed().as_secs_f64(), latest.as_secs_f64())
}

pub fn rows() -> Vec<Row> {
    vec![Row::new("A5: live feed after a backlog", measure)]
}

fn measure(bench: &Bench) -> Figures {
    let count = bench.steps(EVENT_MICROS);
    let (mut seconds, mut latest) = (vec![Vec::new(); 2], [0.0_f64; 2]);
    for _ in 0..3 {
        let serial = read(feed().into_iter().map(|event| handle(event, count)));
        let ours = read(handle_parallel_iter(feed(), count).into_iter());
        for (index, (time, delay)) in [serial, ours].into_iter().enumerate() {
            seconds[index].push(time);
            latest[index] = latest[index].max(delay);
        }
    }
    let [serial, ours] = latest.map(|delay| delay * 1e3);
    let figures = Figures::new(Times::compared(&["loop", "parallelize"], seconds));
    let figures = figures.note(format!("latest result: loop {serial:.2} ms, parallelize {ours:.2} ms"));
    // Less than the time to the next event, or the delay of the loop, whichever is longer.
    let is_met = ours <= (1.1 * serial).max(INTERVAL.as_secs_f64() * 1e3);
    figures.at_most_loop(1.1).goal("latest result at most 1.1 x the loop's delay, or 10 ms", is_met)
}
