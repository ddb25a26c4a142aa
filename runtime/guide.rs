//! The user guide, with one page per topic and examples that you can run. If you already know
//! Python's `multiprocessing` or rayon, start with the page that translates from it.

// Only the documentation and its tests contain this module.
//
// The pages also read well on GitHub, which needs a title at their top. rustdoc has a title of its
// own, so `<!--` comments out everything up to the `-->` in the first line of a page. The
// definitions of links in `links.md` come before the page, because the first of two definitions
// counts: they lead to items and modules, and the definitions in the page to files and to docs.rs.
//
// The examples of some pages need the feature `progress`. Without it they are not tested.

/// What to pass to the generated functions, and what the compiler refuses.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/inputs.md")]
pub mod inputs {}

/// Errors, missing values, panics, and calls that are stopped.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/failures.md")]
pub mod failures {}

/// Scratch buffers per thread, random numbers per item, and state that threads share.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/state.md")]
pub mod state {}

/// Results as they arrive, in input order and in bounded memory.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/streaming.md")]
pub mod streaming {}

/// The number of threads, the cost of cheap items, and how to measure a speed-up.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[cfg_attr(
    not(all(doctest, not(feature = "progress"))),
    doc = "<!--",
    doc = include_str!("../guide/tuning.md")
)]
pub mod tuning {}

/// Translations from `multiprocessing`, `concurrent.futures`, `joblib` and `tqdm`.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[cfg_attr(
    not(all(doctest, not(feature = "progress"))),
    doc = "<!--",
    doc = include_str!("../guide/from_python.md")
)]
pub mod from_python {}

/// Differences from `par_iter().map(..).collect()`, and what rayon's methods become.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/from_rayon.md")]
pub mod from_rayon {}

/// What the crate does not do, or does at a price, and the alternatives.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/limits.md")]
pub mod limits {}

/// Differences from rayon, orx-parallel, chili and paralight, and when another crate is better.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/comparison.md")]
pub mod comparison {}
