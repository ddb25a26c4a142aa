//! Channels: a receiver is an input, and a sender takes the results.

use crate::{on_threads, spin};
use parallelize::parallelize;
use std::sync::mpsc;
use std::thread;

#[parallelize(over = x)]
fn work(x: u64, by: u64) -> u64 {
    spin(10);
    x * by
}

fn serial(count: u64) -> Vec<u64> {
    (0..count).map(|x| x * 3).collect()
}

#[test]
fn a_receiver_of_std_is_an_input() {
    on_threads(|| {
        for capacity in [1, 64] {
            let (sender, receiver) = mpsc::sync_channel(capacity);
            let producer = thread::spawn(move || (0..500).try_for_each(|x| sender.send(x)));
            assert_eq!(work_parallel(receiver, 3), serial(500));
            producer.join().expect("no panic").expect("all were received");
        }
        // `mpsc::Receiver` is not `Sync`, so its `iter()` is not `Send`. Its `into_iter()` is.
        let (sender, receiver) = mpsc::channel();
        (0..500).try_for_each(|x| sender.send(x)).expect("the receiver exists");
        drop(sender);
        assert_eq!(work_parallel(receiver.into_iter(), 3), serial(500));
    });
}

#[test]
fn a_receiver_of_crossbeam_is_an_input() {
    on_threads(|| {
        for capacity in [0, 1, 64] {
            let (sender, receiver) = crossbeam_channel::bounded(capacity);
            let producer = thread::spawn(move || (0..500).try_for_each(|x| sender.send(x)));
            // The receiver is borrowed, because it is used again below.
            assert_eq!(work_parallel(receiver.iter().take(200), 3), serial(200));
            let rest: Vec<u64> = work_parallel_iter(&receiver, 3).into_iter().collect();
            assert_eq!([serial(200), rest].concat(), serial(500));
            producer.join().expect("no panic").expect("all were received");
        }
    });
}

#[test]
fn results_come_while_the_channel_is_open() {
    on_threads(|| {
        let (sender, receiver) = crossbeam_channel::unbounded();
        (0..10_u64).try_for_each(|x| sender.send(x)).expect("the receiver exists");
        // Each further item is sent after a result, so the stream must not wait for it.
        let mut results = work_parallel_iter(receiver, 3).in_flight(1).into_iter();
        for x in 0..100 {
            assert_eq!(results.next(), Some(x * 3));
            sender.send(x + 10).expect("the receiver exists");
        }
        drop(sender);
        assert!(results.eq((100..110).map(|x| x * 3)));
    });
}

#[test]
fn a_pipeline_of_two_calls_and_a_channel() {
    let expected: Vec<u64> = serial(500).into_iter().map(|x| x * 5).collect();
    on_threads(|| {
        let (sender, receiver) = mpsc::sync_channel(16);
        let first = thread::spawn(move || work_parallel_iter(0..500, 3).in_flight(32).try_for_each(|x| sender.send(x)));
        assert_eq!(work_parallel(receiver, 5), expected);
        first.join().expect("no panic").expect("all were received");
    });
}

#[test]
fn a_stream_stops_when_the_receiver_is_dropped() {
    on_threads(|| {
        let (sender, receiver) = mpsc::sync_channel(4);
        let stream = thread::spawn(move || work_parallel_iter(0.., 3).in_flight(32).try_for_each(|x| sender.send(x)));
        assert!(receiver.iter().take(50).eq(serial(50)));
        drop(receiver);
        stream.join().expect("no panic").expect_err("the receiver is gone");
    });
}
