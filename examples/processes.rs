//! Runs a function in other processes, which may crash without ending the program:
//! `cargo run --release --example processes --features distributed`

use parallelize::parallelize;

/// Decodes an image with a library that aborts its process if the image is damaged.
#[parallelize(over = image, distributed, catch_panics)]
fn decode(image: u32, contrast: f64) -> f64 {
    if image == 7 {
        std::process::abort();
    }
    (0..10_000).fold(f64::from(image), |brightness, _| (brightness * contrast).sin())
}

fn main() -> std::io::Result<()> {
    // The children run this program up to here. Then they wait for items.
    let _cluster = parallelize::processes(2)?;

    for (image, result) in decode_parallel(0..10, 1.5).into_iter().enumerate() {
        match result {
            Ok(brightness) => println!("image {image}: {brightness:.3}"),
            Err(crash) => println!("image {image}: {crash}"),
        }
    }
    Ok(())
}
