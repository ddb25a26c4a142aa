//! The Mandelbrot set, streamed into the picture row by row.
//!
//! ```text
//! cargo run --release --bin mandelbrot
//! ```

use parallelize::parallelize;
use parallelize_gallery::{bytes, color, path, report, save, timed};
use std::error::Error;

/// A part of the complex plane and the resolution of its picture.
struct View {
    center: (f64, f64),
    /// Width of the picture in the plane.
    width: f64,
    /// Width and height of the picture in pixels.
    size: (u16, u16),
    /// Points per pixel in each direction. A pixel has the mean color of its points.
    points: u16,
    /// Maximum number of steps per point.
    steps: u32,
}

const VIEW: View = View { center: (-0.7, 0.0), width: 3.3, size: (780, 560), points: 3, steps: 1_000 };

const INSIDE: [f64; 3] = [0.0, 0.0, 0.0];
const COLORS: [(f64, [f64; 3]); 6] = [
    (0.0, [0.0, 7.0, 100.0]),
    (0.16, [32.0, 107.0, 203.0]),
    (0.42, [237.0, 255.0, 255.0]),
    (0.64, [255.0, 170.0, 0.0]),
    (0.86, [30.0, 5.0, 0.0]),
    (1.0, [0.0, 7.0, 100.0]),
];

/// Returns the number of steps, with fractions, until the point leaves the circle of radius 256, or
/// `None` if the point stays inside.
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

/// Computes the pixels of a row. `sums` is a buffer that saves an allocation per row.
#[parallelize(over = row, per_thread(sums = Vec::new()))]
fn pixels(row: u16, view: &View, sums: &mut Vec<[f64; 3]>) -> Vec<u8> {
    let (columns, rows) = view.size;
    let step = view.width / f64::from(columns * view.points);
    let at = |center: f64, index: u16, pixels: u16| {
        center + step * (f64::from(index) + 0.5 - f64::from(pixels * view.points) / 2.0)
    };
    sums.clear();
    sums.resize(columns.into(), [0.0; 3]);
    for line in row * view.points..(row + 1) * view.points {
        let im = at(view.center.1, line, rows);
        for column in 0..columns * view.points {
            let point = (at(view.center.0, column, columns), im);
            let color = match escape(point, view.steps) {
                Some(steps) => color(&COLORS, (0.35 * steps.ln() - 0.42).rem_euclid(1.0)),
                None => INSIDE,
            };
            let sum = &mut sums[usize::from(column / view.points)];
            *sum = [0, 1, 2].map(|channel| sum[channel] + color[channel]);
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
    // Rows in the middle take longest, but the stream yields all rows in order.
    let ((), parallel_time) = timed(|| {
        let lines = parallel.chunks_mut(3 * usize::from(width));
        for (row, line) in pixels_parallel_iter(0..height, &VIEW).into_iter().zip(lines) {
            line.copy_from_slice(&row);
        }
    });
    assert!(serial == parallel, "the results differ from the serial loop");
    report(&format!("{height} rows of {width} pixels"), serial_time, parallel_time);
    save(&path("mandelbrot.png")?, &parallel, (width.into(), height.into()))
}
