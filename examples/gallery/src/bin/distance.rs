//! Monte Carlo estimates of the mean distance between two points in a cube, an integral over six
//! dimensions.
//!
//! Each block of points has its own generator, seeded with the sum of the seed of the run and the
//! index of the block. The estimates are therefore identical on any number of threads.
//!
//! ```text
//! cargo run --release --bin distance
//! ```

use parallelize::parallelize;
use parallelize_gallery::{Area, bits, draw, path, report, timed};
use plotters::coord::CoordTranslate;
use plotters::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::error::Error;
use std::iter::repeat_n;
use std::time::Duration;

/// Number of pairs of points per block.
const PAIRS: u32 = 100;
/// Numbers of blocks, one for each estimate.
const BLOCKS: [usize; 11] = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000];
/// Numbers of threads, which must give identical estimates.
const THREADS: [usize; 3] = [1, 2, 8];

const LABEL: (&str, i32) = ("sans-serif", 15);
const BLUE: RGBColor = RGBColor(31, 119, 180);
const RED: RGBColor = RGBColor(214, 39, 40);

/// The parameters of one estimate.
struct Run {
    dimensions: u32,
    seed: u64,
}

impl Run {
    /// Returns the sum of the distances between `pairs` pairs of points, and the sum of their
    /// squares.
    #[parallelize(over = pairs, per_item(rng = |i| StdRng::seed_from_u64(self.seed + i as u64)))]
    fn block(&self, pairs: u32, mut rng: StdRng) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for _ in 0..pairs {
            let square: f64 = (0..self.dimensions).map(|_| (rng.random::<f64>() - rng.random::<f64>()).powi(2)).sum();
            sums = [sums[0] + square.sqrt(), sums[1] + square];
        }
        sums
    }
}

/// The mean distance, as estimated by one run.
struct Estimate {
    pairs: f64,
    mean: f64,
    /// The standard error of the mean.
    error: f64,
}

impl Estimate {
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 blocks")]
    fn new(blocks: &[[f64; 2]]) -> Self {
        let pairs = blocks.len() as f64 * f64::from(PAIRS);
        let [sum, squares] = blocks.iter().fold([0.0; 2], |sums, block| [sums[0] + block[0], sums[1] + block[1]]);
        let mean = sum / pairs;
        Estimate { pairs, mean, error: ((squares / pairs - mean * mean) / (pairs - 1.0)).sqrt() }
    }
}

/// Returns the exact mean distance (D. P. Robbins, 1978).
fn exact() -> f64 {
    let (two, three) = (2f64.sqrt(), 3f64.sqrt());
    let logarithms = 21.0 * (1.0 + two).ln() + 42.0 * (2.0 + three).ln();
    (4.0 + 17.0 * two - 6.0 * three + logarithms - 7.0 * std::f64::consts::PI) / 105.0
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut estimates = Vec::new();
    let mut times = [Duration::ZERO; 1 + THREADS.len()];
    for (index, blocks) in (0..).zip(BLOCKS) {
        // The seeds are so far apart that no block of one run has a seed of another run.
        let run = Run { dimensions: 3, seed: index << 32 };
        let (serial, time) = timed(|| -> Vec<_> {
            let rngs = (run.seed..).map(StdRng::seed_from_u64);
            repeat_n(PAIRS, blocks).zip(rngs).map(|(pairs, rng)| run.block(pairs, rng)).collect()
        });
        times[0] += time;
        for (total, threads) in times[1..].iter_mut().zip(THREADS) {
            let calls = run.block_parallel_iter(repeat_n(PAIRS, blocks)).threads(threads);
            let (parallel, time) = timed(|| calls.collect::<Vec<_>>());
            assert_eq!(bits(serial.as_flattened()), bits(parallel.as_flattened()));
            *total += time;
        }
        estimates.push(Estimate::new(&serial));
    }
    let pairs = BLOCKS.iter().sum::<usize>() * PAIRS as usize;
    for (threads, time) in THREADS.iter().zip(&times[1..]) {
        report(&format!("{pairs} pairs of points, threads({threads})"), times[0], *time);
    }
    for Estimate { pairs, mean, error } in &estimates {
        println!("{pairs:>10} pairs: {mean:.6} +- {error:.6}");
    }
    println!("{:>16}: {:.6}", "exactly", exact());
    draw(&path("distance.png")?, (900, 620), |area| paint(area, &estimates))
}

/// Draws the estimates above and their errors below.
fn paint(area: &Area<'_>, estimates: &[Estimate]) -> Result<(), Box<dyn Error>> {
    let (above, below) = area.split_vertically(370);
    let line = |color: RGBColor| move |(x, y)| PathElement::new([(x, y), (x + 22, y)], color.stroke_width(2));
    let pairs = || (60.0..1.6e7).log_scale();
    let exact = exact();

    let mut chart = ChartBuilder::on(&above)
        .caption("How far two points in a cube are apart on the average", ("sans-serif", 22))
        .margin(12)
        .x_label_area_size(20)
        .y_label_area_size(75)
        .build_cartesian_2d(pairs(), 0.61..0.75)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .x_label_formatter(&|_| String::new())
        .y_label_formatter(&|distance| format!("{distance:.2}"))
        .y_desc("mean distance")
        .label_style(LABEL)
        .axis_desc_style(LABEL)
        .draw()?;
    chart
        .draw_series(LineSeries::new([(60.0, exact), (1.6e7, exact)], RED.stroke_width(2)))?
        .label(format!("exactly {exact:.6}"))
        .legend(line(RED));
    let bars = estimates.iter().map(|Estimate { pairs, mean, error }| {
        ErrorBar::new_vertical(*pairs, mean - 2.0 * error, *mean, mean + 2.0 * error, BLUE.filled().stroke_width(2), 10)
    });
    chart.draw_series(bars)?.label("estimate and two standard errors").legend(line(BLUE));
    legend(&mut chart)?;

    let mut chart = ChartBuilder::on(&below)
        .margin(12)
        .x_label_area_size(45)
        .y_label_area_size(75)
        .build_cartesian_2d(pairs(), (8e-6..1e-1).log_scale())?;
    let power = |value: &f64| format!("{value:e}");
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .x_label_formatter(&power)
        .y_label_formatter(&power)
        .x_desc("pairs of points")
        .y_desc("error")
        .label_style(LABEL)
        .axis_desc_style(LABEL)
        .draw()?;
    chart
        .draw_series(LineSeries::new(estimates.iter().map(|e| (e.pairs, e.error)), BLUE.stroke_width(2)))?
        .label("standard error")
        .legend(line(BLUE));
    chart
        .draw_series(estimates.iter().map(|e| Circle::new((e.pairs, (e.mean - exact).abs()), 4, RED.filled())))?
        .label("error of the estimate")
        .legend(|(x, y)| Circle::new((x + 11, y), 4, RED.filled()));
    legend(&mut chart)?;
    Ok(())
}

/// Draws the legend of a chart.
fn legend<'a, C: CoordTranslate>(chart: &mut ChartContext<'a, BitMapBackend<'a>, C>) -> Result<(), Box<dyn Error>> {
    let mut legend = chart.configure_series_labels();
    legend.position(SeriesLabelPosition::UpperRight).background_style(WHITE).border_style(BLACK.mix(0.3));
    Ok(legend.label_font(LABEL).draw()?)
}
