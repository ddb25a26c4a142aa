//! What many ranks would do, by arithmetic with the constants that two ranks have shown.
//!
//! Rank 0 is the only one that all others wait for: it sends each chunk and takes its results. As
//! long as that takes less time than the others need for their chunks, they are all at work.

use crate::constants::Constants;
use std::fmt::Write;

/// The target duration of a chunk, in seconds, as in `runtime/distributed/plan.rs`.
const CHUNK_TARGET: f64 = 0.02;

/// The maximum number of bytes of a chunk of several items, as there.
const MAX_CHUNK_BYTES: f64 = 512.0 * 1024.0;

/// The bytes per second of the network. One lane of 10 Gbit/s is a cautious choice.
const NETWORK: f64 = 1.25e9;

/// The time of a letter in the network, in seconds.
const LATENCY: f64 = 2e-5;

/// The maximum time until MPI is asked for a letter after `idle` seconds, as in `backoff.rs`.
fn question(idle: f64) -> f64 {
    (idle / 32.0).clamp(20e-6, 1e-3)
}

/// A sweep on a cluster.
struct Sweep {
    ranks: f64,
    /// The threads of each rank.
    threads: f64,
    items: f64,
    /// Seconds per item, on one thread.
    time: f64,
    /// Bytes of an item and its result.
    bytes: f64,
    /// Bytes of the fixed arguments.
    fixed: f64,
}

/// What is expected of a sweep.
struct Expected {
    /// The seconds of the call.
    seconds: f64,
    /// The speed-up over the serial loop.
    speed_up: f64,
    /// The share of the time that rank 0 needs for letters.
    driving: f64,
}

impl Sweep {
    fn expected(&self, constants: &Constants) -> Expected {
        let byte = constants.byte + 1.0 / NETWORK;
        let serial = self.items * self.time;
        let ideal = serial / (self.ranks * self.threads);
        // The items of a chunk: those of the target time, or of the maximum of bytes.
        let by_time = (CHUNK_TARGET * self.threads / self.time).max(1.0);
        let by_bytes = if self.bytes > 0.0 { (MAX_CHUNK_BYTES / self.bytes).max(1.0) } else { f64::INFINITY };
        let by_share = (self.items / (4.0 * self.ranks)).max(1.0);
        let chunk = by_time.min(by_bytes).min(by_share);
        let run = (chunk / self.threads).ceil() * self.time;
        // What rank 0 does for a chunk, and what a rank waits for between two long ones.
        let drive = constants.chunk.min(1e-4) + chunk * (constants.item + self.bytes * byte);
        let gap = if run < CHUNK_TARGET / 2.0 { 0.0 } else { question(run) / 2.0 + question(0.0) + 2.0 * LATENCY };
        let driving = drive * self.ranks / (run + gap);
        let flow = ideal * (1.0 + gap / run) * driving.max(1.0);
        // Fixed arguments go to one rank after the other, and the last chunk of a rank ends alone.
        let start = constants.call + self.ranks * self.fixed * byte;
        let end = run.min(ideal) / 2.0;
        let seconds = start + flow + end;
        Expected { seconds, speed_up: serial / seconds, driving }
    }
}

pub(crate) fn page(constants: &Constants) -> String {
    let Constants { call, chunk, item, byte } = *constants;
    let mut page = format!(
        "\n## 64 ranks, by arithmetic\n\nNot measured: computed from the constants that the table above has shown, and\nfrom a \
         network of {:.2} GB/s and {:.0} us. A call takes {:.0} us, a chunk {:.0} us, an item\n{:.3} us and a MiB {:.2} ms \
         of the time of rank 0. `driving` is the share of the\ntime in which rank 0 is busy with letters; from 1 on, \
         the others wait for it.\n\n",
        NETWORK * 1e-9,
        LATENCY * 1e6,
        call * 1e6,
        chunk * 1e6,
        item * 1e6,
        byte * 1e3 * f64::from(1 << 20),
    );
    page += "| ranks x threads | items | each | bytes per item | fixed | call | speed-up | of the ideal | driving |\n";
    page += "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (ranks, threads) in [(64.0, 1.0), (64.0, 64.0)] {
        for (items, time, bytes, fixed) in [
            (1e6, 1e-2, 16.0, 0.0),
            (1e6, 1e-2, 16.0, 64e6),
            (1e6, 1e-3, 16.0, 0.0),
            (1e7, 1e-4, 16.0, 0.0),
            (1e8, 1e-5, 16.0, 0.0),
            (1e5, 1e-2, 1e6, 0.0),
            (1e5, 1e-1, 1e6, 0.0),
            (1e4, 1.0, 1e4, 0.0),
            (1e3, 60.0, 1e6, 1e9),
        ] {
            let sweep = Sweep { ranks, threads, items, time, bytes, fixed };
            let Expected { seconds, speed_up, driving } = sweep.expected(constants);
            let ideal = (ranks * threads).min(items);
            writeln!(
                page,
                "| {ranks} x {threads} | 10^{} | {} | {} | {} | {seconds:.2} s | {speed_up:.0} | {:.2} | {driving:.3} |",
                items.log10().round(),
                time_text(time),
                bytes_text(bytes),
                bytes_text(fixed),
                speed_up / ideal,
            )
            .expect("memory");
        }
    }
    page
}

fn time_text(seconds: f64) -> String {
    if seconds < 1e-3 {
        format!("{:.0} us", seconds * 1e6)
    } else if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1e3)
    } else {
        format!("{seconds:.0} s")
    }
}

fn bytes_text(bytes: f64) -> String {
    match bytes {
        0.0 => "-".to_owned(),
        ..1e3 => format!("{bytes:.0} B"),
        ..1e6 => format!("{:.0} kB", bytes * 1e-3),
        ..1e9 => format!("{:.0} MB", bytes * 1e-6),
        _ => format!("{:.0} GB", bytes * 1e-9),
    }
}
