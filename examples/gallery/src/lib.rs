//! Functions that all programs of the gallery share: paths, drawing, colors and timing.

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

/// A picture or a part of it.
pub type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// Returns the path of the picture: the first command-line argument, or else `name` in
/// `target/gallery/` of this crate.
///
/// # Errors
///
/// Returns an error if the folder cannot be created.
pub fn path(name: &str) -> io::Result<PathBuf> {
    if let Some(path) = std::env::args_os().nth(1) {
        return Ok(path.into());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery");
    fs::create_dir_all(&folder)?;
    Ok(folder.join(name))
}

/// Draws a picture of `width` by `height` pixels and writes it to a PNG file.
///
/// # Errors
///
/// Returns an error if `paint` does or if the file cannot be written.
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

/// Writes pixels to a PNG file and prints its path.
///
/// # Errors
///
/// Returns an error if the file cannot be written.
pub fn save(path: &Path, pixels: &[u8], (width, height): (u32, u32)) -> Result<(), Box<dyn Error>> {
    let write = || {
        let encoder = PngEncoder::new_with_quality(File::create(path)?, CompressionType::Best, FilterType::Adaptive);
        encoder.write_image(pixels, width, height, ExtendedColorType::Rgb8)
    };
    write().map_err(|error| format!("{}: {error}", path.display()))?;
    println!("drawn to {}", path.display());
    Ok(())
}

/// Interpolates the color of `value` between the two nearest stops.
///
/// The stops must be in ascending order. A value outside of them has the color of the nearest stop.
#[must_use]
pub fn color(stops: &[(f64, [f64; 3])], value: f64) -> [f64; 3] {
    let next = stops.partition_point(|(at, _)| *at <= value).clamp(1, stops.len() - 1);
    let ((low, from), (high, to)) = (stops[next - 1], stops[next]);
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
    [0, 1, 2].map(|channel| from[channel] + share * (to[channel] - from[channel]))
}

/// Rounds a color, with channels from 0 to 255, to bytes.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates at 0 and 255")]
pub fn bytes(color: [f64; 3]) -> [u8; 3] {
    color.map(|channel| channel.round() as u8)
}

/// Runs `work` and returns its result and its duration.
pub fn timed<R>(work: impl FnOnce() -> R) -> (R, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// Prints the time of the serial loop, the time of the parallel function and the speed-up.
pub fn report(what: &str, serial: Duration, parallel: Duration) {
    let [serial, parallel] = [serial, parallel].map(|time| time.as_secs_f64());
    let speed_up = serial / parallel;
    println!("{what}: serial {serial:.2} s, parallel {parallel:.2} s, speed-up {speed_up:.2}, identical bits");
}

/// Returns the bit patterns of `values`, because equal floats may have different bits.
pub fn bits<'a>(values: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    values.into_iter().map(|value| value.to_bits()).collect()
}
