//! A map that shows for which pairs of two growth rates a population is orderly or chaotic.
//!
//! Each year the population `x` becomes `rate * x * (1 - x)`. The rate is `a` in some years and `b`
//! in others. The Lyapunov exponent says how fast two almost equal populations diverge: if it is
//! below 0 they converge again, and if it is above 0 there is chaos.
//!
//! ```text
//! cargo run --release --bin sweep
//! ```

use parallelize::parallelize;
use parallelize_gallery::{Area, bits, bytes, color, draw, path, report, timed};
use plotters::coord::CoordTranslate;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use std::ops::Range;

/// The ranges of `a` and `b`.
const RATES: [Range<f64>; 2] = [3.4..4.0, 2.5..3.4];
/// The numbers of values of `a` and `b`.
const COUNTS: [u32; 2] = [320, 280];
/// Side of the square, in pixels, that shows one pair of values.
const CELL: u32 = 2;
/// Width and height of the map in pixels.
const MAP: (u32, u32) = (COUNTS[0] * CELL, COUNTS[1] * CELL);
/// The cycle of years, each with the name of its rate.
const YEARS: &str = "bbbbbbaaaaaa";

const LABEL: (&str, i32) = ("sans-serif", 15);
const SCALE: Range<f64> = -1.2..0.6;
const COLORS: [(f64, [f64; 3]); 8] = [
    (-1.2, [35.0, 15.0, 5.0]),
    (-0.7, [120.0, 45.0, 5.0]),
    (-0.3, [225.0, 135.0, 20.0]),
    (0.0, [255.0, 240.0, 170.0]),
    (0.0, [10.0, 15.0, 45.0]),
    (0.2, [25.0, 60.0, 140.0]),
    (0.4, [80.0, 145.0, 215.0]),
    (0.6, [200.0, 230.0, 250.0]),
];

/// Computes the Lyapunov exponent over `cycles` cycles of years, after 20 cycles that do not count.
#[parallelize(over = product(b, a))]
fn exponent(a: f64, b: f64, years: &str, cycles: usize) -> f64 {
    let rates = || years.chars().map(|year| if year == 'a' { a } else { b });
    let (mut x, mut sum) = (0.5, 0.0);
    for cycle in 0..cycles + 20 {
        for rate in rates() {
            x *= rate * (1.0 - x);
            if cycle >= 20 {
                sum += (rate * (1.0 - 2.0 * x)).abs().ln();
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 years")]
    let count = (cycles * years.len()) as f64;
    sum / count
}

fn main() -> Result<(), Box<dyn Error>> {
    let values = |of: usize| {
        let Range { start, end } = RATES[of];
        (0..COUNTS[of]).map(move |i| start + (end - start) * (f64::from(i) + 0.5) / f64::from(COUNTS[of]))
    };
    // Row by row, starting at the top.
    let (a, b) = (values(0), values(1).rev());
    let (serial, serial_time) =
        timed(|| -> Vec<f64> { b.clone().flat_map(|b| a.clone().map(move |a| exponent(a, b, YEARS, 80))).collect() });
    let (parallel, parallel_time) = timed(|| exponent_parallel(a.clone(), b.clone(), YEARS, 80));
    assert_eq!(bits(&serial), bits(&parallel));
    report(&format!("{} pairs of rates", serial.len()), serial_time, parallel_time);
    // The picture is larger than the map, to leave room for the labels and the scale.
    draw(&path("sweep.png")?, (MAP.0 + 190, MAP.1 + 105), |area| paint(area, &parallel))
}

/// Draws the map and its scale.
fn paint(area: &Area<'_>, exponents: &[f64]) -> Result<(), Box<dyn Error>> {
    let title = ("sans-serif", 22).into_text_style(area).pos(Pos::new(HPos::Center, VPos::Top));
    area.draw_text("A population in good years and bad: order and chaos", &title, ((MAP.0 / 2 + 75).try_into()?, 14))?;
    let (map, scale) = area.split_horizontally(MAP.0 + 85);

    let mut chart = ChartBuilder::on(&map)
        .margin(10)
        .margin_top(45)
        .x_label_area_size(50)
        .y_label_area_size(65)
        .build_cartesian_2d(tenths(&RATES[0]), tenths(&RATES[1]))?;
    fill(chart.plotting_area(), |x, y| exponents[(y / CELL * COUNTS[0] + x / CELL) as usize])?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("growth rate a")
        .x_label_formatter(&|rate| format!("{:.1}", rate / 10.0))
        .y_label_formatter(&|rate| format!("{:.1}", rate / 10.0))
        .y_desc("growth rate b")
        .label_style(LABEL)
        .axis_desc_style(LABEL)
        .draw()?;

    let mut chart = ChartBuilder::on(&scale)
        .margin(10)
        .margin_top(45)
        .margin_bottom(60)
        .set_label_area_size(LabelAreaPosition::Right, 65)
        .build_cartesian_2d(0.0..1.0, tenths(&SCALE))?;
    fill(chart.plotting_area(), |_, y| {
        SCALE.end - (SCALE.end - SCALE.start) * (f64::from(y) + 0.5) / f64::from(MAP.1)
    })?;
    chart
        .configure_mesh()
        .disable_mesh()
        .disable_x_axis()
        .y_desc("Lyapunov exponent")
        .y_label_formatter(&|exponent| format!("  {:.1}", exponent / 10.0))
        .label_style(LABEL)
        .axis_desc_style(LABEL)
        .draw()?;
    Ok(())
}

/// Returns an axis in tenths. Adding whole tenths has no rounding error, so the last tick gets its
/// label.
fn tenths(range: &Range<f64>) -> Range<f64> {
    (range.start * 10.0).round()..(range.end * 10.0).round()
}

/// Fills each pixel with the color of its exponent.
fn fill<C: CoordTranslate>(
    area: &DrawingArea<BitMapBackend<'_>, C>,
    exponent: impl Fn(u32, u32) -> f64,
) -> Result<(), Box<dyn Error>> {
    let area = area.strip_coord_spec();
    let (width, height) = area.dim_in_pixel();
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let [red, green, blue] = bytes(color(&COLORS, exponent(x, y)));
        area.draw_pixel((x.try_into()?, y.try_into()?), &RGBColor(red, green, blue))?;
    }
    Ok(())
}
