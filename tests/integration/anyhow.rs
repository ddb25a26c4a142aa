//! anyhow: `try_collect` accepts the alias `anyhow::Result<T>`. The first error in input order is
//! returned, with its context and its cause.

use crate::{on_threads, spin};
use anyhow::{Context, bail, ensure};
use parallelize::parallelize;
use std::num::ParseIntError;

#[parallelize(over = word, try_collect)]
fn parse(word: &str, most: u32) -> anyhow::Result<u32> {
    spin(if word == "x" { 2000 } else { 5 });
    let number = word.parse().with_context(|| format!("`{word}` is no number"))?;
    ensure!(number <= most, "{number} is more than {most}");
    Ok(number)
}

fn total(text: &str, most: u32) -> anyhow::Result<u32> {
    let numbers: Vec<u32> = parse_parallel(text.split(' '), most).context("cannot sum up")?;
    Ok(numbers.iter().sum())
}

fn total_of_loop(text: &str, most: u32) -> anyhow::Result<u32> {
    let numbers = text.split(' ').map(|word| parse(word, most)).collect::<anyhow::Result<Vec<_>>>();
    Ok(numbers.context("cannot sum up")?.iter().sum())
}

fn text(wrong: &[(usize, &str)]) -> String {
    let mut words: Vec<String> = (0..400_u32).map(|word| word.to_string()).collect();
    for (index, word) in wrong {
        (*word).clone_into(&mut words[*index]);
    }
    words.join(" ")
}

#[test]
fn the_first_error_has_its_context_and_its_cause() {
    for wrong in [&[][..], &[(7, "x"), (300, "y")], &[(100, "y"), (399, "x")], &[(50, "5000"), (60, "z")]] {
        let text = text(wrong);
        let serial = total_of_loop(&text, 1000).map_err(|error| format!("{error:#}"));
        on_threads(|| {
            let total = total(&text, 1000);
            if wrong.first().is_some_and(|(_, word)| *word != "5000") {
                let error = total.as_ref().expect_err("a word is not a number");
                assert!(error.downcast_ref::<ParseIntError>().is_some(), "{error:?}");
            }
            assert_eq!(total.map_err(|error| format!("{error:#}")), serial);
        });
    }
}

#[test]
fn a_stream_ends_with_the_first_error_of_the_sink() {
    let text = text(&[(123, "5000"), (200, "x")]);
    on_threads(|| {
        let mut seen = Vec::new();
        let end: anyhow::Result<()> = parse_parallel_iter(text.split(' '), 1000).in_flight(64).try_for_each(|number| {
            seen.push(number?);
            Ok(())
        });
        assert_eq!(end.expect_err("item 123").to_string(), "5000 is more than 1000");
        assert!(seen.into_iter().eq(0..123));
        let end = parse_parallel_iter(text.split(' '), 5000).try_for_each(|number| {
            if number? == 77 {
                bail!("enough");
            }
            Ok(())
        });
        assert_eq!(end.expect_err("item 77").to_string(), "enough");
    });
}

#[test]
fn each_item_may_have_its_own_error() {
    let text = text(&[(3, "x"), (5, "y")]);
    on_threads(|| {
        let results: Vec<anyhow::Result<u32>> = parse_parallel_iter(text.split(' '), 1000).collect();
        let wrong: Vec<usize> = (0..400).filter(|index| results[*index].is_err()).collect();
        assert_eq!(wrong, [3, 5]);
    });
}

// An `anyhow::Error` as an item, and converted to a boxed error as a result.
#[parallelize(over = error)]
fn describe(error: anyhow::Error, before: &str) -> Box<dyn std::error::Error + Send + Sync> {
    spin(5);
    error.context(before.to_owned()).into()
}

#[test]
fn errors_are_items_and_results() {
    let errors = || (0..200).map(|index| anyhow::anyhow!("error {index}"));
    let serial: Vec<String> = errors().map(|error| describe(error, "before").to_string()).collect();
    on_threads(|| {
        let described = describe_parallel(errors(), "before");
        assert!(described.iter().map(ToString::to_string).eq(serial.iter().cloned()));
        assert_eq!(described[7].source().map(ToString::to_string).as_deref(), Some("error 7"));
    });
}
