//! What the pictures share: where they go, how they are drawn, and the clock.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The picture, or a part of it.
pub type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// Where the picture goes: the path that is given as argument, else `target/gallery/` in this crate.
///
/// # Errors
///
/// If the folder cannot be made.
pub fn path(name: &str) -> io::Result<PathBuf> {
    if let Some(path) = std::env::args_os().nth(1) {
        return Ok(path.into());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery");
    fs::create_dir_all(&folder)?;
    Ok(folder.join(name))
}

/// Draws a picture of `width` by `height` pixels, and writes it as PNG.
///
/// # Errors
///
/// If `paint` returns one, or the file cannot be written.
pub fn draw(
    path: &Path,
    (width, height): (u32, u32),
    paint: impl FnOnce(&Area<'_>) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    register_font("sans-serif", FontStyle::Normal, include_bytes!("../fonts/DejaVuSans.ttf"))
        .map_err(|_| "the font cannot be read")?;
    let mut pixels = vec![255; 3 * width as usize * height as usize];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        area.fill(&WHITE)?;
        paint(&area)?;
        area.present()?;
    }
    save(path, &pixels, (width, height))
}

/// Writes pixels as PNG, and prints where.
///
/// # Errors
///
/// If the file cannot be written.
pub fn save(path: &Path, pixels: &[u8], (width, height): (u32, u32)) -> Result<(), Box<dyn Error>> {
    let write = || {
        let encoder = PngEncoder::new_with_quality(File::create(path)?, CompressionType::Best, FilterType::Adaptive);
        encoder.write_image(pixels, width, height, ExtendedColorType::Rgb8)
    };
    write().map_err(|error| format!("{}: {error}", path.display()))?;
    println!("drawn to {}", path.display());
    Ok(())
}

/// The colour of a value that lies between two of the stops, which ascend; beyond the last, that of the last.
#[must_use]
pub fn colour(stops: &[(f64, [f64; 3])], value: f64) -> [f64; 3] {
    let next = stops.partition_point(|(at, _)| *at <= value).clamp(1, stops.len() - 1);
    let ((low, from), (high, to)) = (stops[next - 1], stops[next]);
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
    [0, 1, 2].map(|channel| from[channel] + share * (to[channel] - from[channel]))
}

/// A colour of numbers from 0 to 255 in bytes.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast ends at 0 and at 255")]
pub fn bytes(colour: [f64; 3]) -> [u8; 3] {
    colour.map(|channel| channel.round() as u8)
}

/// Runs `work`, and returns what it took.
pub fn timed<R>(work: impl FnOnce() -> R) -> (R, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// Prints what the loop took and what the twin.
pub fn report(what: &str, serial: Duration, parallel: Duration) {
    let [serial, parallel] = [serial, parallel].map(|time| time.as_secs_f64());
    let speed_up = serial / parallel;
    println!("{what}: serial {serial:.2} s, in parallel {parallel:.2} s, {speed_up:.2} x, the same bits");
}

/// For `assert_eq!`: floats may be equal without having the same bits.
pub fn bits<'a>(values: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    values.into_iter().map(|value| value.to_bits()).collect()
}
