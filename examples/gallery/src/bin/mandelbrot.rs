//! The Mandelbrot set, row by row as the rows come.
//!
//! ```text
//! cargo run --release --bin mandelbrot
//! ```

use parallelize::parallelize;
use parallelize_gallery::{bytes, colour, path, report, save, timed};
use std::error::Error;

/// A part of the plane, and how closely it is looked at.
struct View {
    centre: (f64, f64),
    /// Of the whole picture, in the plane.
    width: f64,
    /// The picture in pixels.
    size: (u16, u16),
    /// Each pixel is the mean of so many points squared.
    points: u16,
    steps: u32,
}

const VIEW: View = View { centre: (-0.7, 0.0), width: 3.3, size: (780, 560), points: 3, steps: 1_000 };

const INSIDE: [f64; 3] = [0.0, 0.0, 0.0];
const COLOURS: [(f64, [f64; 3]); 6] = [
    (0.0, [0.0, 7.0, 100.0]),
    (0.16, [32.0, 107.0, 203.0]),
    (0.42, [237.0, 255.0, 255.0]),
    (0.64, [255.0, 170.0, 0.0]),
    (0.86, [30.0, 5.0, 0.0]),
    (1.0, [0.0, 7.0, 100.0]),
];

/// After how many steps the point leaves the circle of radius 256, and fractions of a step; none where it stays.
fn escape((re, im): (f64, f64), steps: u32) -> Option<f64> {
    let (mut x, mut y) = (0.0, 0.0);
    for step in 0..steps {
        let (x2, y2) = (x * x, y * y);
        if x2 + y2 > 65_536.0 {
            return Some(f64::from(step) + 4.0 - f64::log2(f64::ln(x2 + y2) / std::f64::consts::LN_2));
        }
        y = 2.0 * x * y + im;
        x = x2 - y2 + re;
    }
    None
}

/// The pixels of a row. `sums` is only there so that not each row has to ask for memory.
#[parallelize(over = row, per_thread(sums = Vec::new()))]
fn pixels(row: u16, view: &View, sums: &mut Vec<[f64; 3]>) -> Vec<u8> {
    let (columns, rows) = view.size;
    let step = view.width / f64::from(columns * view.points);
    let at = |centre: f64, index: u16, pixels: u16| {
        centre + step * (f64::from(index) + 0.5 - f64::from(pixels * view.points) / 2.0)
    };
    sums.clear();
    sums.resize(columns.into(), [0.0; 3]);
    for line in row * view.points..(row + 1) * view.points {
        let im = at(view.centre.1, line, rows);
        for column in 0..columns * view.points {
            let point = (at(view.centre.0, column, columns), im);
            let colour = match escape(point, view.steps) {
                Some(steps) => colour(&COLOURS, (0.35 * steps.ln() - 0.42).rem_euclid(1.0)),
                None => INSIDE,
            };
            let sum = &mut sums[usize::from(column / view.points)];
            *sum = [0, 1, 2].map(|channel| sum[channel] + colour[channel]);
        }
    }
    let points = f64::from(view.points * view.points);
    sums.iter().flat_map(|sum| bytes(sum.map(|channel| channel / points))).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let (width, height) = VIEW.size;
    let blank = || vec![0; 3 * usize::from(width) * usize::from(height)];
    let (mut serial, mut parallel) = (blank(), blank());

    let ((), serial_time) = timed(|| {
        let mut sums = Vec::new();
        for (row, line) in (0..height).zip(serial.chunks_mut(3 * usize::from(width))) {
            line.copy_from_slice(&pixels(row, &VIEW, &mut sums));
        }
    });
    // Rows in the middle take longest; the stream hands them over in order all the same.
    let ((), parallel_time) = timed(|| {
        let lines = parallel.chunks_mut(3 * usize::from(width));
        for (row, line) in pixels_parallel_iter(0..height, &VIEW).into_iter().zip(lines) {
            line.copy_from_slice(&row);
        }
    });
    assert!(serial == parallel, "the loop makes the same");
    report(&format!("{height} rows of {width} pixels"), serial_time, parallel_time);
    save(&path("mandelbrot.png")?, &parallel, (width.into(), height.into()))
}
