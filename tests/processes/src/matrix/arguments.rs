//! What travels: items, fixed arguments and results of many types.

use crate::matrix::{Case, Run, bits, panic_of, same, steps};
use parallelize::parallelize;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) const CASES: &[Case] = &[
    ("numbers", numbers),
    ("many cheap numbers", cheap_numbers),
    ("bits of numbers", special_numbers),
    ("strings", strings),
    ("borrowed rows", rows),
    ("structs", structs),
    ("options and tuples", options),
    ("large vectors", large),
    ("nothing", nothing),
];

/// Lengths from no items to more than fit into a chunk.
const LENGTHS: [usize; 6] = [0, 1, 2, 3, 100, 2_000];

#[parallelize(over = x, distributed)]
fn wave(x: f64, count: u32, table: &[f64]) -> f64 {
    (0..count).fold(x, |x, i| (x * table[i as usize % table.len()]).sin().mul_add(1.5, x.exp().ln_1p()))
}

fn numbers(_: Run) {
    let table = [0.5, 1.25, -3.0];
    for length in LENGTHS {
        let xs: Vec<f64> = (0..length).map(|i| i as f64 / 7.0).collect();
        let serial = bits(xs.iter().map(|x| wave(*x, 20, &table)));
        same("a vector", bits(wave_parallel(xs.clone(), 20, &table)), serial.clone());
        same("copied", bits(wave_parallel(xs.iter().copied(), 20, &table)), serial.clone());
        same("filtered", bits(wave_parallel(xs.into_iter().filter(|x| *x >= 0.0), 20, &table)), serial);
    }
}

#[parallelize(over = n, distributed)]
fn triple(n: u64, by: u64) -> u64 {
    n.wrapping_mul(by)
}

fn cheap_numbers(_: Run) {
    let serial: Vec<u64> = (0..100_000).map(|n| triple(n, 3)).collect();
    same("a range", triple_parallel(0..100_000, 3), serial);
}

#[parallelize(over = x, distributed)]
fn keep(x: f64, sign: f32) -> (f64, f32, i8, u128) {
    (x, -sign, x.to_bits() as i8, u128::from(x.to_bits()) << 64)
}

fn special_numbers(_: Run) {
    let mut bits: Vec<u64> =
        [f64::NAN, -f64::NAN, 0.0, -0.0, f64::INFINITY, f64::MIN_POSITIVE / 4.0].map(f64::to_bits).into();
    // Payloads of `NaN`, and random bits.
    bits.extend([0x7ff8_0000_dead_beef, 0xfff0_0000_0000_0001]);
    bits.extend((0..500).map(|seed| steps(seed, 3)));
    let text = |(x, sign, low, wide): (f64, f32, i8, u128)| (x.to_bits(), sign.to_bits(), low, wide);
    let xs = || bits.iter().map(|bits| f64::from_bits(*bits));
    let serial: Vec<_> = xs().map(|x| text(keep(x, -0.0))).collect();
    same("numbers", keep_parallel(xs(), -0.0).into_iter().map(text).collect(), serial);
}

#[parallelize(over = word, distributed)]
fn join(word: &str, glue: &str, times: u8) -> String {
    (0..times).fold(String::new(), |text, _| text + word + glue)
}

#[parallelize(distributed)]
fn reverse(text: String) -> String {
    text.chars().rev().collect()
}

fn strings(_: Run) {
    let text: String = (0..700).map(|i| format!("wort {i} \u{df}\u{1f980}\n")).collect();
    let serial: Vec<String> = text.lines().map(|word| join(word, "+\0", 3)).collect();
    same("borrowed", join_parallel(text.lines(), "+\0", 3), serial);
    let words: Vec<String> = text.lines().map(str::to_owned).collect();
    same("owned", reverse_parallel(words.clone()), words.into_iter().map(reverse).collect());
}

#[parallelize(over = row, distributed)]
fn dot(row: &[f64], weights: &[f64], scale: &f64) -> f64 {
    row.iter().zip(weights).fold(0.0, |sum, (x, weight)| x.mul_add(*weight, sum)) * scale
}

#[parallelize(over = row, distributed)]
fn sorted(row: Vec<i32>) -> Vec<i32> {
    let mut row = row;
    row.sort_unstable();
    row
}

fn rows(_: Run) {
    let matrix: Vec<f64> = (0..30_000).map(|i| (f64::from(i) * 0.37).tan()).collect();
    let weights: Vec<f64> = (0..30).map(|i| f64::from(i).cos()).collect();
    let serial = bits(matrix.chunks(30).map(|row| dot(row, &weights, &0.1)));
    same("slices", bits(dot_parallel(matrix.chunks(30), &weights, &0.1)), serial);
    // Rows of different lengths, some of which are empty.
    let rows = || (0..300).map(|n| (0..n % 17).map(|i| (steps(n, i) >> 33) as i32).collect::<Vec<_>>());
    same("vectors", sorted_parallel(rows()), rows().map(sorted).collect());
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Particle {
    name: String,
    place: [f64; 3],
    kind: Kind,
    tags: BTreeMap<u8, Option<char>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Free,
    Bound(usize),
    Split { into: Vec<Kind>, at: f32 },
}

#[derive(Serialize, Deserialize)]
struct Field {
    strength: [f64; 3],
    name: Box<str>,
}

#[parallelize(over = particle, distributed)]
fn advance(particle: Particle, field: &Field, dt: f64) -> Particle {
    let mut moved = particle;
    for (place, strength) in moved.place.iter_mut().zip(field.strength) {
        *place += dt * strength;
    }
    moved.name += &field.name;
    moved.kind = Kind::Split { into: vec![moved.kind, Kind::Bound(moved.tags.len())], at: -0.0 };
    moved
}

#[parallelize(over = particle, distributed)]
fn energy(particle: &Particle, field: &Field) -> Option<f64> {
    matches!(particle.kind, Kind::Bound(_)).then(|| particle.place.iter().sum::<f64>() * field.strength[0])
}

fn structs(_: Run) {
    let particle = |i: usize| Particle {
        name: format!("p{i}"),
        place: [i as f64, -0.5, 1.0 / (i as f64 + 1.0)],
        kind: if i % 3 == 0 { Kind::Free } else { Kind::Bound(i) },
        tags: (0..(i % 5) as u8).map(|tag| (tag, char::from_digit(tag.into(), 3))).collect(),
    };
    let particles: Vec<Particle> = (0..400).map(particle).collect();
    let field = Field { strength: [0.1, 0.2, -0.3], name: "'".into() };
    let serial: Vec<_> = particles.iter().map(|particle| energy(particle, &field)).collect();
    same("borrowed", energy_parallel(&particles, &field), serial);
    let serial = particles.iter().cloned().map(|particle| advance(particle, &field, 0.01)).collect();
    same("owned", advance_parallel(particles, &field, 0.01), serial);
}

#[parallelize(over = item, distributed)]
fn repack(
    item: (Option<u8>, char, Result<i64, String>),
    on: bool,
    (): (),
) -> (bool, Option<(char, Result<i64, String>)>) {
    (on ^ item.0.is_some(), item.0.map(|_| (item.1, item.2)))
}

fn options(_: Run) {
    let item = |i: i64| {
        let result = if i % 2 == 0 { Ok(i64::MIN + i) } else { Err(format!("odd {i}")) };
        ((i % 3 == 0).then_some(i as u8), char::from_u32(0x1f600 + i as u32).unwrap_or(' '), result)
    };
    let serial: Vec<_> = (0..200).map(item).map(|item| repack(item, true, ())).collect();
    same("tuples", repack_parallel((0..200).map(item), true, ()), serial);
}

#[parallelize(over = row, distributed)]
fn shifted(row: &[f64], by: &[f64]) -> Vec<f64> {
    row.iter().zip(by.iter().cycle()).map(|(x, y)| x + y).collect()
}

/// More than all buffers of connections, in both directions.
fn large(_: Run) {
    let numbers: Vec<f64> = (0..1 << 20).map(|i| f64::from(i).sqrt()).collect();
    let by: Vec<f64> = (0..1 << 18).map(f64::from).collect();
    for size in [1 << 18, 1 << 20] {
        let serial: Vec<Vec<u64>> = numbers.chunks(size).map(|row| bits(shifted(row, &by))).collect();
        let results = shifted_parallel(numbers.chunks(size), &by);
        same("rows", results.into_iter().map(bits).collect(), serial);
    }
}

#[parallelize(over = n, distributed)]
fn ignore(n: u16) {
    assert!(n < 1_000);
}

fn nothing(_: Run) {
    ignore_parallel(0..500);
    ignore_parallel([]);
    same("units", ignore_parallel_iter(0..500).collect::<Vec<()>>(), vec![(); 500]);
    let message = panic_of(|| ignore_parallel(500..2_000));
    assert!(message.starts_with("assertion failed"), "{message}");
}
