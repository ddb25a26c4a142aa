//! serde: lines of JSON are parsed and written in parallel; the first error is that of the serial
//! loop.

use crate::{on_threads, spin};
use parallelize::parallelize;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Sale<'t> {
    id: u32,
    // Borrowed from the line if it contains no escapes.
    #[serde(borrow)]
    city: Cow<'t, str>,
    #[serde(default)]
    prices: Vec<f64>,
}

#[parallelize(over = line, try_collect)]
fn parse(line: &str) -> serde_json::Result<Sale<'_>> {
    spin(5);
    serde_json::from_str(line)
}

#[parallelize(over = sale, try_collect)]
fn write(sale: &Sale<'_>, pretty: bool) -> Result<String, serde_json::Error> {
    spin(5);
    if pretty { serde_json::to_string_pretty(sale) } else { serde_json::to_string(sale) }
}

fn text(count: usize) -> String {
    let line = |id| match id % 3 {
        0 => format!(r#"{{"id":{id},"city":"Oslo","prices":[1.5,{id}.25]}}"#),
        1 => format!(r#"{{"id":{id},"city":"a \"quoted\" town"}}"#),
        _ => format!(r#"{{"city":"Lima","prices":[],"id":{id}}}"#),
    };
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn lines_are_parsed() {
    let text = text(1000);
    let serial: Vec<Sale<'_>> = text.lines().map(parse).collect::<Result<_, _>>().expect("JSON");
    assert!(matches!(serial[0].city, Cow::Borrowed("Oslo")) && matches!(serial[1].city, Cow::Owned(_)));
    on_threads(|| assert_eq!(parse_parallel(text.lines()).expect("JSON"), serial));
}

#[test]
fn the_first_error_is_reported() {
    let mut lines: Vec<String> = text(1000).lines().map(str::to_owned).collect();
    lines[700] = r#"{"id":"#.to_owned();
    lines[300] = r#"{"id":"three hundred","city":"Rome"}"#.to_owned();
    let serial = lines.iter().map(|line| parse(line)).collect::<Result<Vec<_>, _>>().expect_err("line 300");
    on_threads(|| {
        let error = parse_parallel(lines.iter().map(String::as_str)).expect_err("line 300");
        assert!(error.is_data() && error.to_string().contains("three hundred"), "{error}");
        assert_eq!(error.to_string(), serial.to_string());
    });
}

#[test]
fn parsed_values_are_written() {
    let text = text(500);
    let sales = parse_parallel(text.lines()).expect("JSON");
    for pretty in [false, true] {
        let serial: Vec<String> = sales.iter().map(|sale| write(sale, pretty)).collect::<Result<_, _>>().expect("text");
        on_threads(|| {
            let written = write_parallel(&sales, pretty).expect("text");
            assert_eq!(written, serial);
            assert_eq!(parse_parallel(written.iter().map(String::as_str)).expect("JSON"), sales);
        });
    }
}

// Items that are owned JSON values.
#[parallelize(over = value)]
fn take(mut value: serde_json::Value, field: &str) -> Option<serde_json::Value> {
    spin(2);
    value.get_mut(field).map(serde_json::Value::take)
}

#[test]
fn values_of_a_stream_of_json() {
    let text = text(500);
    let values =
        || serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>().map(|value| value.expect("JSON"));
    let serial: Vec<_> = values().map(|value| take(value, "city")).collect();
    assert_eq!(serial[2], Some("Lima".into()));
    on_threads(|| assert_eq!(take_parallel(values(), "city"), serial));
}
