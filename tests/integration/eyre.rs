//! eyre: `try_collect` accepts the alias `eyre::Result<T>`, and `?` passes on the first error.

use crate::{on_threads, spin};
use eyre::{WrapErr, ensure};
use parallelize::parallelize;

struct Table(Vec<f64>);

impl Table {
    #[parallelize(over = index, try_collect)]
    fn root(&self, index: usize) -> eyre::Result<f64> {
        spin(5);
        let value = *self.0.get(index).ok_or_else(|| eyre::eyre!("there is no entry {index}"))?;
        ensure!(value >= 0.0, "entry {index} is negative: {value}");
        Ok(value.sqrt())
    }

    fn sum(&self, indices: std::ops::Range<usize>) -> eyre::Result<f64> {
        let roots = self.root_parallel(indices.clone()).wrap_err_with(|| format!("in {indices:?}"))?;
        Ok(roots.iter().sum())
    }

    fn sum_of_loop(&self, indices: std::ops::Range<usize>) -> eyre::Result<f64> {
        let roots = indices.clone().map(|index| self.root(index)).collect::<eyre::Result<Vec<_>>>();
        Ok(roots.wrap_err_with(|| format!("in {indices:?}"))?.iter().sum())
    }
}

#[test]
fn the_first_error_reaches_the_caller() {
    let mut table = Table((0..300).map(f64::from).collect());
    table.0[120] = -1.0;
    table.0[250] = -2.0;
    for (indices, expected) in [
        (0..100, None),
        (10..300, Some("in 10..300: entry 120 is negative: -1")),
        (200..400, Some("in 200..400: entry 250 is negative: -2")),
        (290..310, Some("in 290..310: there is no entry 300")),
    ] {
        let serial = table.sum_of_loop(indices.clone()).map_err(|error| format!("{error:#}"));
        assert_eq!(serial.as_ref().err().map(String::as_str), expected);
        on_threads(|| {
            let sum = table.sum(indices.clone()).map_err(|error| format!("{error:#}"));
            assert_eq!(sum, serial);
        });
    }
}

#[test]
fn a_stream_ends_with_the_first_error() {
    let mut table = Table(vec![4.0; 300]);
    table.0[99] = -1.0;
    on_threads(|| {
        let mut sum = 0.0;
        let end = table.root_parallel_iter(0..).try_for_each(|root| -> eyre::Result<()> {
            sum += root.wrap_err("streamed")?;
            Ok(())
        });
        assert_eq!(end.map_err(|error| format!("{error:#}")), Err("streamed: entry 99 is negative: -1".to_owned()));
        assert!((sum - 198.0).abs() < 1e-9);
    });
}
