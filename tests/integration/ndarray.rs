//! ndarray: rows, columns and windows of arrays are inputs, and results are collected into arrays.
#![allow(clippy::needless_pass_by_value)] // `rows()` yields views.

use crate::{on_threads, spin};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, stack};
use parallelize::parallelize;

fn matrix() -> Array2<f64> {
    Array2::from_shape_fn((60, 7), |(row, column)| f64::from(u32::try_from(row * 7 + column).expect("small")).sqrt())
}

// The lifetime of the view must be written.
#[parallelize(over = row)]
fn norm(row: ArrayView1<'_, f64>, weights: &Array1<f64>) -> f64 {
    spin(20);
    (&row * weights).mapv(|x| x * x).sum().sqrt()
}

#[test]
fn rows_in_and_a_vector_out() {
    let (matrix, weights) = (matrix(), Array1::linspace(-1.0, 1.0, 7));
    let serial: Array1<f64> = matrix.rows().into_iter().map(|row| norm(row, &weights)).collect();
    assert!(serial[1] > serial[0]);
    on_threads(|| {
        assert_eq!(Array1::from_vec(norm_parallel(matrix.rows(), &weights)), serial);
        assert_eq!(Array1::from_vec(norm_parallel(matrix.axis_iter(Axis(0)), &weights)), serial);
        // The lazy version can be collected into an array directly.
        assert_eq!(norm_parallel_iter(matrix.outer_iter(), &weights).collect::<Array1<f64>>(), serial);
        assert_eq!(norm_parallel_iter(matrix.rows(), &weights).into_iter().collect::<Array1<f64>>(), serial);
    });
}

#[test]
fn columns_of_the_transposed_are_rows() {
    let (matrix, weights) = (matrix(), Array1::linspace(0.5, 2.0, 7));
    let transposed = matrix.t();
    on_threads(|| {
        assert_eq!(norm_parallel(transposed.columns(), &weights), norm_parallel(matrix.rows(), &weights));
    });
}

#[parallelize(over = row)]
fn times(row: ArrayView1<'_, f64>, right: &Array2<f64>) -> Array1<f64> {
    spin(20);
    row.dot(right)
}

#[test]
fn rows_in_and_a_matrix_out() {
    let (left, right) = (matrix(), Array2::from_shape_fn((7, 4), |(i, j)| if i == j { 2.0 } else { 0.5 }));
    let serial: Vec<Array1<f64>> = left.rows().into_iter().map(|row| times(row, &right)).collect();
    on_threads(|| {
        let rows = times_parallel(left.rows(), &right);
        assert_eq!(rows, serial);
        let views: Vec<ArrayView1<'_, f64>> = rows.iter().map(|row| row.view()).collect();
        let product = stack(Axis(0), &views).expect("rows of one length");
        assert_eq!(product.dim(), (60, 4));
        assert!((product - left.dot(&right)).iter().all(|difference| difference.abs() < 1e-9));
    });
}

#[parallelize(over = window)]
fn mean(window: ArrayView2<'_, f64>) -> Option<f64> {
    spin(5);
    window.mean()
}

#[test]
fn windows_in_and_an_array_of_their_shape_out() {
    let matrix = matrix();
    let serial: Vec<_> = matrix.windows((3, 3)).into_iter().map(mean).collect();
    on_threads(|| {
        let smooth = Array2::from_shape_vec((58, 5), mean_parallel(matrix.windows((3, 3)))).expect("58 by 5 windows");
        assert!(smooth.iter().eq(&serial));
    });
}

#[parallelize(over = zip(row, out))]
fn scale(row: ArrayView1<'_, f64>, mut out: ndarray::ArrayViewMut1<'_, f64>, by: f64) {
    spin(10);
    out.assign(&(&row * by));
}

#[test]
fn rows_are_written_in_place() {
    let matrix = matrix();
    on_threads(|| {
        let mut out = Array2::zeros(matrix.dim());
        scale_parallel(matrix.rows(), out.rows_mut(), 3.0);
        assert_eq!(out, &matrix * 3.0);
    });
}

#[parallelize(over = product(row, column), name = table)]
fn dot(row: ArrayView1<'_, f64>, column: ArrayView1<'_, f64>) -> f64 {
    spin(5);
    row.dot(&column)
}

#[test]
fn a_product_of_rows_and_columns_is_a_product_of_matrices() {
    let left = matrix();
    let right = left.t();
    let serial =
        left.rows().into_iter().flat_map(|row| right.columns().into_iter().map(move |column| dot(row, column)));
    let serial = Array2::from_shape_vec((60, 60), serial.collect()).expect("60 by 60");
    on_threads(|| {
        let product = Array2::from_shape_vec((60, 60), table(left.rows(), right.columns())).expect("60 by 60");
        assert_eq!(product, serial);
    });
}
