//! A timeline of two calls: one renders the tiles of a map, the next one packs them. The program
//! writes the spans to a file that a browser can open, and draws them.
//!
//! ```text
//! cargo run --release --bin timeline
//! ```

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageResult};
use parallelize::parallelize;
use parallelize_gallery::{Area, draw, report, timed};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use tracing::instrument;
use tracing::subscriber::with_default;
use tracing_chrome::ChromeLayerBuilder;
use tracing_subscriber::layer::SubscriberExt;

/// The Julia set of a point of the plane, divided into square tiles.
struct Map {
    point: (f64, f64),
    /// Width of a tile in the plane.
    width: f64,
    columns: u16,
    rows: u16,
    /// Side of a tile in pixels.
    side: u16,
    /// Maximum number of steps per point.
    steps: u16,
}

const MAP: Map = Map { point: (-0.8, 0.156), width: 0.32, columns: 10, rows: 8, side: 144, steps: 1_000 };

/// Computes the gray values of a tile. Tiles in the middle take much longer than tiles at the edge.
#[parallelize(over = tile)]
#[instrument(skip(map))]
fn render(tile: u16, map: &Map) -> Vec<u8> {
    let at = |index: u16, pixel: u16, tiles: u16| {
        map.width * (f64::from(index) + (f64::from(pixel) + 0.5) / f64::from(map.side) - f64::from(tiles) / 2.0)
    };
    let (column, row) = (tile % map.columns, tile / map.columns);
    let points = (0..map.side).flat_map(|y| (0..map.side).map(move |x| (x, y)));
    points.map(|(x, y)| gray((at(column, x, map.columns), at(row, y, map.rows)), map)).collect()
}

/// Computes the gray value of a point: the longer the point stays near the origin, the brighter.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates at 0 and 255")]
fn gray((mut x, mut y): (f64, f64), map: &Map) -> u8 {
    let mut step = 0;
    while step < map.steps && x * x + y * y < 4.0 {
        (x, y) = (x * x - y * y + map.point.0, 2.0 * x * y + map.point.1);
        step += 1;
    }
    (255.0 * (f64::from(step) / f64::from(map.steps)).sqrt()) as u8
}

/// Encodes a tile as PNG.
#[parallelize(over = grays, try_collect)]
#[instrument(skip_all)]
fn pack(grays: &[u8], side: u16) -> ImageResult<Vec<u8>> {
    let mut packed = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut packed, CompressionType::Best, FilterType::Adaptive);
    encoder.write_image(grays, side.into(), side.into(), ExtendedColorType::L8)?;
    Ok(packed)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    fs::create_dir_all(&folder)?;
    let file = folder.join("timeline.json");

    let tiles = 0..MAP.columns * MAP.rows;
    let (serial, serial_time) =
        timed(|| tiles.clone().map(|tile| pack(&render(tile, &MAP), MAP.side)).collect::<ImageResult<Vec<_>>>());
    let serial = serial?;

    // While `with_default` runs, the spans of all threads of the calls go to the file.
    let (layer, writer) = ChromeLayerBuilder::new().writer(File::create(&file)?).include_args(true).build();
    let (parallel, parallel_time) = with_default(tracing_subscriber::registry().with(layer), || {
        timed(|| {
            let rendered = render_parallel(tiles, &MAP);
            pack_parallel(rendered.iter().map(Vec::as_slice), MAP.side)
        })
    });
    // Wait until the file is complete.
    drop(writer);
    assert!(serial == parallel?, "the results differ from the serial loop");
    report(&format!("{} tiles", serial.len()), serial_time, parallel_time);

    let timeline = Timeline::read(&file)?;
    for Call { function, end, .. } in &timeline.calls {
        let End { elapsed, items, workers, idle } = end;
        println!("{function:>6}: {items} items, {elapsed:.1} ms, worker threads: {workers}, idle for {idle:.2} ms");
    }
    println!("written to {}: open it in ui.perfetto.dev or chrome://tracing", file.display());
    let lanes = u32::try_from(timeline.threads.len())?;
    draw(&folder.join("timeline.png"), (900, 150 + 90 * lanes), |area| paint(area, &timeline))
}

/// A line of the file. The fields of spans and events are text.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "ph")]
    kind: String,
    #[serde(rename = "tid")]
    thread: u64,
    /// Time in microseconds.
    #[serde(default, rename = "ts")]
    at: f64,
    name: String,
    #[serde(default, rename = "cat")]
    target: String,
    #[serde(default, rename = "args")]
    fields: BTreeMap<String, String>,
}

/// The contents of the file. Times are in milliseconds since the first span.
#[derive(Default)]
struct Timeline {
    /// The names of the threads, by thread number.
    threads: BTreeMap<u64, String>,
    bars: Vec<Bar>,
    calls: Vec<Call>,
}

/// A span on one of the threads that entered it.
struct Bar {
    thread: u64,
    name: String,
    /// Whether this is the span of a call, which all threads of the call enter. Otherwise it is the
    /// span of an item.
    is_call: bool,
    start: f64,
    end: f64,
}

/// A call of a parallel function.
struct Call {
    function: String,
    start: f64,
    end: End,
}

/// The fields of the event at the end of a call.
struct End {
    elapsed: f64,
    items: usize,
    workers: usize,
    /// Sum over all worker threads.
    idle: f64,
}

impl Timeline {
    fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let lines: Vec<Line> = serde_json::from_reader(BufReader::new(File::open(path)?))?;
        let first = lines.iter().find(|line| line.kind == "B").map_or(0.0, |line| line.at);
        let mut timeline = Timeline::default();
        // `inside` holds the open spans of each thread, the innermost one last. `ended` holds the
        // call that each thread left last.
        let (mut inside, mut ended) = (BTreeMap::<u64, Vec<Bar>>::new(), BTreeMap::new());
        for Line { kind, thread, at, name, target, mut fields } in lines {
            let at = (at - first) / 1_000.0;
            let mut field = |name: &str| fields.remove(name).ok_or_else(|| format!("the field `{name}` is missing"));
            let is_call = target == "parallelize";
            let inside = inside.entry(thread).or_default();
            match &*kind {
                "M" => {
                    // Threads of the pool have no names. Their names in the file are their numbers.
                    let name = field("name")?;
                    let name = if name.parse() == Ok(thread) { format!("thread {name}") } else { name };
                    timeline.threads.insert(thread, name);
                }
                "B" => inside.push(Bar { thread, name, is_call, start: at, end: at }),
                "E" => {
                    let bar = inside.pop().filter(|bar| bar.name == name).ok_or("a span ends that has not started")?;
                    if is_call {
                        ended.insert(thread, (field("function")?, bar.start));
                    }
                    timeline.bars.push(Bar { end: at, ..bar });
                }
                _ if is_call => {
                    let (function, start) = ended.remove(&thread).ok_or("no call has ended")?;
                    let function = function.trim_matches('"').rsplit("::").next().unwrap_or_default().to_owned();
                    let [elapsed, idle] = [millis(&field("elapsed")?)?, millis(&field("idle")?)?];
                    let end =
                        End { elapsed, items: field("items")?.parse()?, workers: field("workers")?.parse()?, idle };
                    timeline.calls.push(Call { function, start, end });
                }
                _ => {}
            }
        }
        if inside.values().all(Vec::is_empty) { Ok(timeline) } else { Err("a span does not end".into()) }
    }
}

/// Parses the `{:?}` format of a `Duration` into milliseconds.
fn millis(duration: &str) -> Result<f64, Box<dyn Error>> {
    let (number, unit) = duration.split_at(duration.find(char::is_alphabetic).unwrap_or(duration.len()));
    let factor = match unit {
        "s" => 1e3,
        "ms" => 1.0,
        "µs" => 1e-3,
        "ns" => 1e-6,
        _ => return Err(format!("`{duration}` is not a duration").into()),
    };
    Ok(number.parse::<f64>()? * factor)
}

const LABEL: (&str, i32) = ("sans-serif", 15);
const CALL: RGBColor = RGBColor(222, 226, 230);
/// Two alternating colors per function, so that the borders between items are visible.
const SHADES: [(&str, [RGBColor; 2]); 2] = [
    ("render", [RGBColor(31, 119, 180), RGBColor(103, 169, 214)]),
    ("pack", [RGBColor(230, 105, 5), RGBColor(250, 170, 95)]),
];

/// Draws one lane per thread: the calls that the thread worked on, and on top of them their items.
fn paint(area: &Area<'_>, timeline: &Timeline) -> Result<(), Box<dyn Error>> {
    let lanes: BTreeMap<_, _> =
        timeline.threads.keys().zip(0..).map(|(thread, lane)| (thread, f64::from(lane))).collect();
    let last = timeline.bars.iter().map(|bar| bar.end).fold(0.0, f64::max);
    // The space above the first lane is for the labels of the calls.
    let below = lanes.values().fold(0.0, |below, lane| f64::max(below, lane + 1.0));
    let mut chart = ChartBuilder::on(area)
        .caption("Who did what when: tiles are rendered, then packed", ("sans-serif", 22))
        .margin(12)
        .margin_right(20)
        .x_label_area_size(45)
        .y_label_area_size(80)
        .build_cartesian_2d(0.0..last, below..-0.5)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .x_label_formatter(&|at| format!("{at:.0}"))
        .x_desc("milliseconds")
        .label_style(LABEL)
        .axis_desc_style(LABEL)
        .draw()?;

    let bar = |bar: &Bar, margin: f64, color: RGBColor| {
        let top = lanes[&bar.thread];
        Rectangle::new([(bar.start, top + margin), (bar.end, top + 1.0 - margin)], color.filled())
    };
    chart.draw_series(timeline.bars.iter().filter(|bar| bar.is_call).map(|call| bar(call, 0.08, CALL)))?;
    for (function, shades) in SHADES {
        for thread in lanes.keys() {
            let items = timeline.bars.iter().filter(|bar| bar.name == function && bar.thread == **thread);
            chart.draw_series(items.zip(shades.into_iter().cycle()).map(|(item, shade)| bar(item, 0.2, shade)))?;
        }
    }

    let text = LABEL.into_text_style(area);
    for Call { function, start, end: End { elapsed, items, workers, idle } } in &timeline.calls {
        let (x, y) = chart.backend_coord(&(*start, 0.0));
        let who = format!("{workers} worker{}", if *workers == 1 { "" } else { "s" });
        area.draw_text(&format!("{function}: {items} items in {elapsed:.0} ms"), &text, (x + 18, y - 38))?;
        area.draw_text(&format!("{who}, idle for {idle:.2} ms"), &text, (x + 18, y - 19))?;
        if let Some((_, [shade, _])) = SHADES.iter().find(|(name, _)| name == function) {
            area.draw(&Rectangle::new([(x, y - 37), (x + 12, y - 25)], shade.filled()))?;
        }
    }
    let text = text.pos(Pos::new(HPos::Right, VPos::Center));
    for (thread, name) in &timeline.threads {
        let (x, y) = chart.backend_coord(&(0.0, lanes[thread] + 0.5));
        area.draw_text(name, &text, (x - 8, y))?;
    }
    Ok(())
}
