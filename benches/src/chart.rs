//! The chart: speed-up against the work in a call, with one line per contender.

use crate::contenders::NAMES;
use crate::harness::Times;
use crate::report::Row;
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

const COLORS: [RGBColor; 8] = [
    BLACK,
    RGBColor(214, 39, 40),
    RGBColor(31, 119, 180),
    RGBColor(23, 190, 207),
    RGBColor(140, 86, 75),
    RGBColor(44, 160, 44),
    RGBColor(255, 127, 14),
    RGBColor(148, 103, 189),
];

/// Draws the rows, each of which comes with its work in microseconds.
pub fn draw(rows: &[(f64, Row)], path: &Path) -> Result<(), Box<dyn Error>> {
    let (Some((least, _)), Some((most, _))) = (rows.first(), rows.last()) else {
        return Ok(());
    };
    let medians = rows.iter().flat_map(|(_, row)| row.times.iter().map(Times::median).chain(row.limit));
    let top = medians.fold(1.0, f64::max) * 1.05;

    let area = SVGBackend::new(path, (960, 600)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("One call of 20 items after a pause of 500 us", ("sans-serif", 20))
        .margin(15)
        .x_label_area_size(45)
        .y_label_area_size(55)
        .build_cartesian_2d((*least..*most).log_scale(), 0.0..top)?;
    chart
        .configure_mesh()
        .light_line_style(BLACK.mix(0.05))
        .x_desc("work in a call")
        .y_desc("speed-up over the serial loop")
        .x_label_formatter(&|micros| {
            if *micros < 1e3 { format!("{micros} us") } else { format!("{} ms", micros / 1e3) }
        })
        .y_label_formatter(&|ratio| format!("{ratio:.1}"))
        .label_style(("sans-serif", 14))
        .draw()?;

    let key = |x, y| PathElement::new([(x, y), (x + 24, y)], BLACK.mix(0.6));
    let dashed = |points: Vec<(f64, f64)>| DashedLineSeries::new(points, 6, 5, BLACK.mix(0.6).stroke_width(1));
    chart.draw_series(dashed(rows.iter().map(|(work, _)| (*work, 1.0)).collect()))?;
    let limits = rows.iter().filter_map(|(work, row)| Some((*work, row.limit?))).collect();
    chart.draw_series(dashed(limits))?.label("loop (1) and limit, dashed").legend(move |(x, y)| key(x, y));

    // This crate is drawn last, so that no other line covers it.
    for index in (2..NAMES.len()).chain([1]) {
        let (name, color) = (NAMES[index], COLORS[index]);
        let style = color.stroke_width(if name == "parallelize" { 4 } else { 2 });
        let points = rows.iter().filter_map(|(work, row)| Some((*work, row.of(name)?.median())));
        chart
            .draw_series(LineSeries::new(points, style))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .legend_area_size(30)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .label_font(("sans-serif", 14))
        .draw()?;
    area.present()?;
    Ok(())
}
