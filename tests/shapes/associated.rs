//! Associated functions, with and without `Self` in the signature.

use parallelize::parallelize;

#[derive(Clone, Debug, PartialEq)]
pub struct Circle {
    radius: f64,
}

/// A free function with the same name, which the functions generated for the associated function
/// must not call.
#[parallelize(over = x)]
fn twice(x: f64, by: f64) -> f64 {
    -x * by
}

impl Circle {
    const PI: f64 = 3.0;

    #[parallelize(over = radius)]
    fn new(radius: f64, scale: f64) -> Self {
        Circle { radius: radius * scale }
    }

    #[parallelize(over = other)]
    fn merge(other: Self, with: &Self) -> Self {
        Circle { radius: other.radius + with.radius }
    }

    #[parallelize(over = x, call = Self::twice)]
    fn twice(x: f64, by: f64) -> f64 {
        Self::PI * x * by
    }

    #[parallelize(over = x, call = Circle::thrice)]
    fn thrice(x: f64) -> f64 {
        x * 3.0
    }

    #[parallelize(over = x, call = Self::generic, name = generic_all)]
    fn generic<T: From<u8>>(x: u8) -> T {
        T::from(x)
    }
}

#[test]
fn with_self_in_the_signature() {
    let circles = Circle::new_parallel([1.0, 2.0], 2.0);
    assert_eq!(circles, [Circle { radius: 2.0 }, Circle { radius: 4.0 }]);
    assert_eq!(Circle::merge_parallel(circles, &Circle { radius: 1.0 })[1], Circle { radius: 5.0 });
}

#[test]
fn without_self_by_the_option_call() {
    assert_eq!(Circle::twice_parallel([1.0], 2.0), [6.0]);
    assert_eq!(twice_parallel([1.0], 2.0), [-2.0]);
    assert_eq!(Circle::thrice_parallel([1.0]), [3.0]);
    assert_eq!(Circle::generic_all::<u16>([1]), [1_u16]);
}

pub struct Holder<T>(T);

impl<T: Clone + Send + Sync> Holder<T> {
    #[parallelize(over = value)]
    fn wrap(value: T) -> Holder<T>
    where
        Self: Sized,
    {
        Holder(value)
    }
}

#[test]
fn of_a_generic_type() {
    assert_eq!(Holder::wrap_parallel(vec![1])[0].0, 1);
}
