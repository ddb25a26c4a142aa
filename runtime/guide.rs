//! The user guide, with one page per topic and examples that you can run. If you already know
//! Python's `multiprocessing` or rayon, start with the page that translates from it.

// Only the documentation and its tests contain this module.
//
// The pages also read well on GitHub, which needs a title at their top. rustdoc has a title of its
// own, so `<!--` comments out everything up to the `-->` in the first line of a page. The
// definitions of links in `links.md` come before the page, because the first of two definitions
// counts: they lead to items and modules, and the definitions in the page to files and to docs.rs.
//
// The examples of some pages need the feature `progress`, `checkpoint` or `distributed`. Without it
// they are not tested.

/// Arguments for the mapped parameter and for the fixed parameters.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/inputs.md")]
pub mod inputs {}

/// Calls that fail, and calls that are stopped.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/failures.md")]
pub mod failures {}

/// Scratch buffers, random numbers and shared state.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/state.md")]
pub mod state {}

/// Large and endless inputs, in bounded memory.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/streaming.md")]
pub mod streaming {}

/// Calls that run while you do something else, and calls in async code.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/background.md")]
pub mod background {}

/// Async functions: several calls at a time, in one task.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/async_functions.md")]
pub mod async_functions {}

/// Results in a file: how to interrupt a long sweep, and go on later.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[cfg_attr(
    not(all(doctest, not(feature = "checkpoint"))),
    doc = "<!--",
    doc = include_str!("../guide/checkpoints.md")
)]
pub mod checkpoints {}

/// Several processes: MPI and Slurm, and children of the program that may crash.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[cfg_attr(
    not(all(doctest, not(feature = "distributed"))),
    doc = "<!--",
    doc = include_str!("../guide/cluster.md")
)]
pub mod cluster {}

/// Threads, cheap items, progress bars, tracing and measurements.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"), doc = include_str!("../guide/pictures.md"))]
#[cfg_attr(
    not(all(doctest, not(feature = "progress"))),
    doc = "<!--",
    doc = include_str!("../guide/tuning.md")
)]
pub mod tuning {}

/// Translations of Python code.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[cfg_attr(
    not(all(doctest, not(feature = "progress"))),
    doc = "<!--",
    doc = include_str!("../guide/from_python.md")
)]
pub mod from_python {}

/// Translations of rayon code.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/from_rayon.md")]
pub mod from_rayon {}

/// Restrictions, with their reasons and alternatives.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/limits.md")]
pub mod limits {}

/// Comparison with rayon, orx-parallel, chili and paralight.
///
#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[doc = "<!--"]
#[doc = include_str!("../guide/comparison.md")]
pub mod comparison {}
