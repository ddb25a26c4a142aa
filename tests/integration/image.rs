//! image: rows, tiles and pixels of a picture equal those of the serial loop, byte for byte.

use crate::on_threads;
use image::{GenericImageView, ImageFormat, Rgb, RgbImage};
use parallelize::parallelize;
use std::io::Cursor;

const WIDTH: u32 = 96;
const HEIGHT: u32 = 64;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The channels are bytes.
fn color(x: u32, y: u32) -> Rgb<u8> {
    let (x, y) = (f64::from(x) / f64::from(WIDTH), f64::from(y) / f64::from(HEIGHT));
    let waves = (0..20).fold(0.0, |sum: f64, wave| sum + (x * f64::from(wave)).sin() * (y * f64::from(wave)).cos());
    Rgb([(x * 255.0) as u8, (y * 255.0) as u8, (waves.abs() * 12.0) as u8])
}

#[parallelize(over = y)]
fn row(y: u32, width: u32) -> Vec<u8> {
    (0..width).flat_map(|x| color(x, y).0).collect()
}

// Fills an existing row.
#[parallelize(over = zip(y, row))]
fn fill(y: u32, row: &mut [u8]) {
    for (x, pixel) in (0..).zip(row.chunks_exact_mut(3)) {
        pixel.copy_from_slice(&color(x, y).0);
    }
}

#[parallelize]
fn fill_pixel((x, y, pixel): (u32, u32, &mut Rgb<u8>)) {
    *pixel = color(x, y);
}

#[parallelize(over = product(top, left))]
fn mean(top: u32, left: u32, size: u32, picture: &RgbImage) -> [u64; 3] {
    let tile = picture.view(left, top, size, size);
    let mut sums = [0; 3];
    for (_, _, pixel) in tile.pixels() {
        sums = std::array::from_fn(|channel| sums[channel] + u64::from(pixel[channel]));
    }
    sums.map(|sum| sum / u64::from(size * size))
}

#[parallelize(over = picture, try_collect)]
fn encode(picture: &RgbImage, format: ImageFormat) -> image::ImageResult<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}

fn picture() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, color)
}

#[test]
fn rows_form_the_picture_of_the_serial_loop() {
    let serial = picture();
    on_threads(|| {
        let bytes = row_parallel(0..HEIGHT, WIDTH).concat();
        assert_eq!(RgbImage::from_vec(WIDTH, HEIGHT, bytes).expect("the right number of bytes"), serial);
        // Append one row after the other to a vector.
        let mut bytes = Vec::new();
        row_parallel_iter(0..HEIGHT, WIDTH).for_each(|row| bytes.extend(row));
        assert_eq!(bytes, serial.as_raw().as_slice());
    });
}

#[test]
fn a_picture_is_filled_in_place() {
    let serial = picture();
    on_threads(|| {
        let mut picture = RgbImage::new(WIDTH, HEIGHT);
        fill_parallel(0..HEIGHT, picture.chunks_exact_mut(3 * WIDTH as usize));
        assert_eq!(picture, serial);
        let mut picture = RgbImage::new(WIDTH, HEIGHT);
        fill_pixel_parallel(picture.enumerate_pixels_mut());
        assert_eq!(picture, serial);
    });
}

#[test]
fn tiles_are_visited_in_the_order_of_the_nested_loop() {
    let picture = picture();
    let mut serial = Vec::new();
    for top in (0..HEIGHT).step_by(16) {
        for left in (0..WIDTH).step_by(16) {
            serial.push(mean(top, left, 16, &picture));
        }
    }
    assert_ne!(serial[0], serial[1]);
    on_threads(|| {
        let means = mean_parallel((0..HEIGHT).step_by(16), (0..WIDTH).step_by(16), 16, &picture);
        assert_eq!(means, serial);
    });
}

#[test]
fn encoded_files_are_identical() {
    let pictures: Vec<RgbImage> = [picture(), image::imageops::rotate90(&picture()), RgbImage::new(3, 5)].into();
    let serial: Vec<Vec<u8>> =
        pictures.iter().map(|picture| encode(picture, ImageFormat::Png).expect("a PNG")).collect();
    on_threads(|| {
        let files = encode_parallel(&pictures, ImageFormat::Png).expect("PNGs");
        assert_eq!(files, serial);
        let back = image::load_from_memory(&files[1]).expect("a PNG").into_rgb8();
        assert_eq!(back, pictures[1]);
        // The GIF encoder is not enabled, so encoding fails.
        assert!(encode_parallel(&pictures, ImageFormat::Gif).is_err());
    });
}
