//! Arguments for mapped parameters whose items have another type.

use parallelize::parallelize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

#[parallelize(over = x)]
fn scale(x: f64, by: f64) -> f64 {
    x * by
}

#[parallelize(over = line)]
fn length(line: &str, unit: usize) -> usize {
    line.len() / unit
}

#[parallelize(over = path)]
fn depth(path: &Path, from: usize) -> usize {
    path.components().count() - from
}

#[parallelize(over = entry)]
fn show(entry: (String, f64), digits: usize) -> String {
    format!("{} {:.digits$}", entry.0, entry.1)
}

#[parallelize(over = zip(x, y))]
fn power(x: f64, y: i32) -> f64 {
    x.powi(y)
}

fn main() {
    let (xs, lines, paths) = (vec![1.0], vec![String::new()], vec![PathBuf::new()]);
    let map: HashMap<String, f64> = HashMap::new();
    scale_parallel(&xs, 2.0);
//                 ^ error: the mapped parameter takes items of type `f64`, and `&Vec<{float}>` does not yield those
    scale_parallel(0..10, 2.0);
//                 ^ error: the mapped parameter takes items of type `f64`, and `std::ops::Range<{integer}>` does not
    scale_parallel(0.0..1.0, 2.0);
//                 ^ error: the mapped parameter takes items of type `f64`, and `std::ops::Range<f64>` does not
    length_parallel(&lines, 2);
//                  ^ error: the mapped parameter takes items of type `&str`, and `&Vec<String>` does not
    length_parallel(lines.iter(), 2);
//                  ^ error: the mapped parameter takes items of type `&str`, and `std::slice::Iter<'_, String>`
    depth_parallel(&paths, 2);
//                 ^ error: the mapped parameter takes items of type `&Path`, and `&Vec<PathBuf>` does not
    show_parallel(&map, 2);
//                ^ error: the mapped parameter takes items of type `(String, f64)`, and `&HashMap<String, f64>`
    power_parallel([(1.0, 2)], [3]);
//                 ^ error: the mapped parameter takes items of type `f64`, and `[({float}, {integer}); 1]` does not
    // The compiler names the return type as well, because that mentions the type of the input.
    let _ = scale_parallel_iter(&xs, 2.0);
//          ^ error: the mapped parameter takes items of type `f64`, and `&Vec<{float}>` does not yield those
//                              ^ error: the mapped parameter takes items of type `f64`, and `&Vec<{float}>` does not
}
