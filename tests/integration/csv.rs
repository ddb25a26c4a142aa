//! csv: the records and errors of a reader are the input, and a stream feeds a writer.

use crate::{on_threads, spin};
use csv::{ReaderBuilder, StringRecord, Writer};
use parallelize::parallelize;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Trip {
    from: String,
    km: f64,
    hours: f64,
}

#[derive(Debug, PartialEq, Serialize)]
struct Speed {
    from: String,
    kmh: f64,
}

// The items are the results of the reader, and the function passes on their errors.
#[parallelize(over = trip, try_collect)]
fn speed(trip: csv::Result<Trip>, at_least: f64) -> csv::Result<Speed> {
    spin(5);
    let Trip { from, km, hours } = trip?;
    Ok(Speed { from, kmh: (km / hours).max(at_least) })
}

#[parallelize(over = record)]
fn shout(record: Result<StringRecord, csv::Error>, column: usize) -> Option<String> {
    spin(5);
    record.ok()?.get(column).map(str::to_uppercase)
}

fn table(count: u32) -> String {
    let mut text = String::from("from,km,hours\n");
    for trip in 0..count {
        writeln!(text, "\"town, {trip}\",{trip}.5,{}", 1 + trip % 4).expect("memory");
    }
    text
}

/// Returns the results of the serial loop, or its first error.
fn loop_over(text: &str) -> Result<Vec<Speed>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|trip| speed(trip, 3.0)).collect::<csv::Result<_>>().map_err(|error| error.to_string())
}

#[test]
fn records_are_computed_in_order() {
    let text = table(800);
    let serial = loop_over(&text).expect("a table");
    assert_eq!(serial[0], Speed { from: "town, 0".to_owned(), kmh: 3.0 });
    on_threads(|| {
        // An iterator that borrows the reader, and one that owns it.
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(speed_parallel(reader.deserialize(), 3.0).expect("a table"), serial);
        let reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(speed_parallel(reader.into_deserialize(), 3.0).expect("a table"), serial);
    });
}

#[test]
fn the_first_error_of_the_reader_is_returned() {
    let mut lines: Vec<String> = table(800).lines().map(str::to_owned).collect();
    lines[600] = "too,1,2,3".to_owned();
    lines[200] = "town,far,1".to_owned();
    let text = lines.join("\n");
    let serial = loop_over(&text).expect_err("an invalid table");
    assert!(serial.contains("line: 201"), "{serial}");
    on_threads(|| {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let error = speed_parallel(reader.deserialize(), 3.0).expect_err("an invalid table");
        assert_eq!(error.to_string(), serial);
    });
}

#[test]
fn raw_records_are_items() {
    let text = table(500);
    let reader = || ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let serial: Vec<_> = reader().into_records().map(|record| shout(record, 0)).collect();
    assert_eq!(serial[..2], [Some("FROM".to_owned()), Some("TOWN, 0".to_owned())]);
    on_threads(|| assert_eq!(shout_parallel(reader().records(), 0), serial));
}

#[test]
fn a_writer_is_fed_by_the_stream() -> csv::Result<()> {
    let text = table(800);
    let mut writer = Writer::from_writer(Vec::new());
    for speed in loop_over(&text).expect("a table") {
        writer.serialize(speed)?;
    }
    let serial = writer.into_inner().expect("memory");
    assert!(serial.starts_with(b"from,kmh\n\"town, 0\",3.0\n"));
    let copy = || -> csv::Result<Vec<u8>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let mut writer = Writer::from_writer(Vec::new());
        speed_parallel_iter(reader.deserialize(), 3.0).in_flight(100).try_for_each(|speed| writer.serialize(speed?))?;
        Ok(writer.into_inner().expect("memory"))
    };
    on_threads(|| assert_eq!(copy().expect("a table"), serial));
    assert_eq!(copy()?, serial);
    Ok(())
}
