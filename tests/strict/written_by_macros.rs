//! Functions that `macro_rules!` macros write, with each visibility.
//!
//! One generated function of each is unused, which must not be reported.

use ::core::iter::Extend;
use ::renamed::parallelize;
use ::std::vec::Vec;

macro_rules! define {
    ($eager:ident, $lazy:ident) => {
        #[parallelize(over = x, crate = ::renamed)]
        const fn $eager(x: u8, by: u8) -> u8 {
            x + by
        }

        #[parallelize(over = x, crate = ::renamed)]
        const fn $lazy(x: u8, by: u8) -> u8 {
            x + by
        }
    };
}

macro_rules! define_async {
    ($eager:ident, $lazy:ident) => {
        #[parallelize(over = x, crate = ::renamed)]
        pub(crate) async fn $eager(x: u8, by: u8) -> u8 {
            ::core::future::ready(x + by).await
        }

        #[parallelize(over = x, crate = ::renamed)]
        async fn $lazy(x: u8, by: u8) -> u8 {
            ::core::future::ready(x + by).await
        }
    };
}

macro_rules! define_in_crate {
    ($eager:ident, $lazy:ident) => {
        #[parallelize(over = x, crate = ::renamed)]
        pub(crate) const fn $eager(x: u8, by: u8) -> u8 {
            x + by
        }

        #[parallelize(over = x, crate = ::renamed)]
        pub(crate) const fn $lazy(x: u8, by: u8) -> u8 {
            x + by
        }
    };
}

macro_rules! define_method {
    ($eager:ident, $lazy:ident) => {
        #[parallelize(over = x, crate = ::renamed)]
        pub(crate) const fn $eager(&self, x: u8) -> u8 {
            self.0 + x
        }

        #[parallelize(over = x, crate = ::renamed)]
        pub(in crate::written_by_macros) const fn $lazy(&self, x: u8) -> u8 {
            self.0 + x
        }
    };
}

macro_rules! define_as {
    ($vis:vis $eager:ident, $lazy:ident) => {
        #[parallelize(over = x, crate = ::renamed)]
        $vis const fn $eager(x: u8, by: u8) -> u8 {
            x + by
        }

        #[parallelize(over = x, crate = ::renamed)]
        $vis const fn $lazy(x: u8, by: u8) -> u8 {
            x + by
        }
    };
}

define!(private, private_lazy);
define_async!(later, later_lazy);
define_in_crate!(in_crate, in_crate_lazy);
define_as!(no_visibility, no_visibility_lazy);
define_as!(pub(super) in_parent, in_parent_lazy);

struct Line(u8);

impl Line {
    define_method!(at, at_lazy);
}

/// Calls one generated function of each async function.
pub async fn all_later() -> Vec<u8> {
    let mut all = later_parallel([1], 1).await;
    all.extend(later_lazy_parallel_iter([1], 1).collect::<Vec<_>>().await);
    all
}

/// Calls one generated function of each.
#[must_use]
pub fn all() -> Vec<u8> {
    let mut all = private_parallel([1], 1);
    all.extend(private_lazy_parallel_iter([1], 1));
    all.extend(in_crate_parallel([1], 1));
    all.extend(in_crate_lazy_parallel_iter([1], 1));
    all.extend(no_visibility_parallel([1], 1));
    all.extend(no_visibility_lazy_parallel_iter([1], 1));
    all.extend(in_parent_parallel([1], 1));
    all.extend(in_parent_lazy_parallel_iter([1], 1));
    all.extend(Line(1).at_parallel([1]));
    all.extend(Line(1).at_lazy_parallel_iter([1]));
    all
}
