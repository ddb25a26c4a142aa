//! The kinds of input: how the serial loop, this crate and rayon map a function over each of them.

use crate::contenders::{call, kind};
use crate::trial::Trial;
use crate::work::{Work, four, twelve, twenty_four};
use parallelize::parallelize;
use parallelize_benches::harness::steps;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;

/// A kind of input.
pub struct Kind {
    pub name: &'static str,
    /// Nominal time that the input takes per item, in nanoseconds.
    pub input_nanos: f64,
    /// Maximum length, because longer inputs take too long to create.
    pub max_len: usize,
    /// Whether the only work is to read the item. The allocator then keeps its defaults, because it
    /// is what such items are about.
    pub is_read_only: bool,
    pub run: fn(&Trial) -> Vec<Vec<f64>>,
}

impl Kind {
    const fn new(name: &'static str, input_nanos: f64, run: fn(&Trial) -> Vec<Vec<f64>>) -> Self {
        Kind { name, input_nanos, max_len: 10_000_000, is_read_only: false, run }
    }

    const fn up_to(mut self, max_len: usize) -> Self {
        self.max_len = max_len;
        self
    }
}

/// All kinds, with nominal times that were measured once.
pub static KINDS: [Kind; 16] = [
    Kind::new("range", 0.0, range::run),
    Kind::new("slice", 0.0, slice::run),
    Kind::new("copied", 0.0, copied::run),
    Kind::new("owned, one layout", 0.0, owned::run),
    Kind::new("owned, other layout", 0.0, owned_other::run),
    Kind::new("filter", 1.0, filter::run),
    Kind::new("chain", 0.5, chain::run),
    Kind::new("flat_map", 1.0, flat_map::run),
    Kind::new("lines", 15.0, lines::run).up_to(1_000_000),
    Kind::new("HashMap values", 2.0, hash_map::run).up_to(1_000_000),
    Kind::new("BTreeMap values", 2.0, btree_map::run).up_to(1_000_000),
    Kind::new("zip", 0.5, zip::run),
    Kind::new("product", 1.0, product::run),
    Kind::new("enumerate", 0.0, enumerate::run),
    Kind::new("boxed dyn", 1.5, boxed::run),
    // Longer inputs would only repeat the same at a higher price.
    Kind { is_read_only: true, ..Kind::new("expensive producer", 2000.0, expensive::run).up_to(10_000) },
];

fn numbers(len: usize) -> Vec<u64> {
    (0..len as u64).collect()
}

fn nothing<T: ?Sized>(_: &T) {}

kind! {
    range, (over = x), (x: usize) => x as u64 => u64,
    data: |len| len,
    prepare: nothing,
    item: x => (x),
    |data, _given|
    serial: (0..*data),
    ours: (0..*data),
    rayon: (0..*data).into_par_iter(),
}

kind! {
    slice, (over = x), (x: &u64) => *x => u64,
    data: |len| numbers(len),
    prepare: nothing,
    item: x => (x),
    |data, _given|
    serial: data.iter(),
    ours: (data.iter()),
    rayon: data.par_iter(),
}

kind! {
    copied, (over = x), (x: u64) => x => u64,
    data: |len| numbers(len),
    prepare: nothing,
    item: x => (x),
    |data, _given|
    serial: data.iter().copied(),
    ours: (data.iter().copied()),
    rayon: data.par_iter().copied(),
}

kind! {
    owned, (over = x), (x: u64) => x => u64,
    data: |len| numbers(len),
    prepare: Vec::clone,
    item: x => (x),
    |_data, given|
    serial: given.into_iter(),
    ours: (given),
    rayon: given.into_par_iter(),
}

kind! {
    owned_other, (over = x), (x: u64) => x => u32,
    data: |len| numbers(len),
    prepare: Vec::clone,
    item: x => (x),
    |_data, given|
    serial: given.into_iter(),
    ours: (given),
    rayon: given.into_par_iter(),
}

/// Keeps three items in four.
fn is_kept(x: &u64) -> bool {
    !x.is_multiple_of(4)
}

kind! {
    filter, (over = x), (x: u64) => x => u64,
    data: |len| numbers(len / 3 * 4),
    prepare: nothing,
    item: x => (x),
    |data, _given|
    serial: data.iter().copied().filter(is_kept),
    ours: (data.iter().copied().filter(is_kept)),
    rayon: data.par_iter().copied().filter(is_kept),
}

kind! {
    chain, (over = x), (x: u64) => x => u64,
    data: |len| (numbers(len / 2), numbers(len / 2)),
    prepare: nothing,
    item: x => (x),
    |data, _given|
    serial: data.0.iter().copied().chain(data.1.iter().copied()),
    ours: (data.0.iter().copied().chain(data.1.iter().copied())),
    rayon: data.0.par_iter().copied().chain(data.1.par_iter().copied()),
}

kind! {
    flat_map, (over = x), (x: u64) => x => u64,
    data: |len| numbers(len / 10),
    prepare: nothing,
    item: x => (x),
    |data, _given|
    serial: data.iter().flat_map(|x| *x..*x + 10),
    ours: (data.iter().flat_map(|x| *x..*x + 10)),
    rayon: data.par_iter().flat_map_iter(|x| *x..*x + 10),
}

kind! {
    lines, (over = line), (line: &str) => u64::from(line.as_bytes()[0]) => u64,
    data: |len| "a line of some words\n".repeat(len),
    prepare: nothing,
    item: line => (line),
    |data, _given|
    serial: data.lines(),
    ours: (data.lines()),
    rayon: data.par_lines(),
}

kind! {
    hash_map, (over = x), (x: &u64) => *x => u64,
    data: |len| numbers(len).into_iter().map(|x| (x, x)).collect::<HashMap<_, _>>(),
    prepare: nothing,
    item: x => (x),
    |data, _given|
    serial: data.values(),
    ours: (data.values()),
    rayon: data.par_iter().map(|(_, x)| x),
}

kind! {
    btree_map, (over = x), (x: &u64) => *x => u64,
    data: |len| numbers(len).into_iter().map(|x| (x, x)).collect::<BTreeMap<_, _>>(),
    prepare: nothing,
    item: x => (x),
    |data, _given|
    serial: data.values(),
    ours: (data.values()),
    rayon: data.par_iter().map(|(_, x)| x),
}

kind! {
    zip, (over = zip(x, y)), (x: u64, y: u64) => x ^ y => u64,
    data: |len| (numbers(len), numbers(len)),
    prepare: nothing,
    item: (x, y) => (x, y),
    |data, _given|
    serial: data.0.iter().copied().zip(data.1.iter().copied()),
    ours: (data.0.iter().copied(), data.1.iter().copied()),
    rayon: data.0.par_iter().copied().zip(data.1.par_iter().copied()),
}

kind! {
    product, (over = product(x, y)), (x: u64, y: u64) => x ^ y => u64,
    data: |len| numbers(len / 10),
    prepare: nothing,
    item: (x, y) => (x, y),
    |data, _given|
    serial: data.iter().flat_map(|x| (0..10).map(|y| (*x, y))),
    ours: (data.iter().copied(), 0..10),
    rayon: data.par_iter().flat_map_iter(|x| (0..10).map(|y| (*x, y))),
}

kind! {
    enumerate, (), (#[over] (index, x): (usize, u64)) => index as u64 ^ x => u64,
    data: |len| numbers(len),
    prepare: nothing,
    item: pair => (pair),
    |data, _given|
    serial: data.iter().copied().enumerate(),
    ours: (data.iter().copied().enumerate()),
    rayon: data.par_iter().copied().enumerate(),
}

/// Not inlined, so that the compiler does not know the iterator in the box.
#[inline(never)]
fn boxed_iter(numbers: &[u64]) -> Box<dyn Iterator<Item = u64> + Send + '_> {
    Box::new(numbers.iter().copied())
}

kind! {
    boxed, (over = x), (x: u64) => x => u64,
    data: |len| numbers(len),
    prepare: nothing,
    item: x => (x),
    |data, _given|
    serial: boxed_iter(data),
    ours: (boxed_iter(data)),
    rayon: boxed_iter(data).par_bridge(),
}

/// Size of an item of the expensive producer, in bytes.
const ITEM_BYTES: usize = 200_000;

kind! {
    expensive, (over = bytes), (bytes: Vec<u8>) => u64::from(bytes[0]) => u64,
    data: |len| len,
    prepare: nothing,
    item: bytes => (bytes),
    |data, _given|
    serial: (0..*data).map(|n| vec![n as u8; ITEM_BYTES]),
    ours: ((0..*data).map(|n| vec![n as u8; ITEM_BYTES])),
    rayon: (0..*data).into_par_iter().map(|n| vec![n as u8; ITEM_BYTES]),
}
