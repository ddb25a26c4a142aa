//! Pages that go through tasks rather than names, for whoever reads the documentation; no build has anything of this module.
//!
//! * [`from_python`]: what the ways of `multiprocessing`, `concurrent.futures`, `joblib` and `tqdm` become.
//! * [`from_rayon`]: what differs from `par_iter().map(..).collect()`, and where rayon is the better choice.
//! * [`inputs`]: what to pass for the mapped argument and for the fixed ones, and what the compiler refuses.
//! * [`failures`]: errors, missing values, panics, and calls that are stopped.
//! * [`state`]: buffers and caches of a thread, random numbers of an item, and what threads share.
//! * [`streaming`]: results as they come, in order and in bounded memory.
//! * [`tuning`]: how many threads, how cheap items may be, and how to measure it.

#[cfg_attr(not(all(doctest, not(feature = "progress"))), doc = include_str!("../guide/from_python.md"))]
pub mod from_python {}

#[doc = include_str!("../guide/from_rayon.md")]
pub mod from_rayon {}

#[doc = include_str!("../guide/inputs.md")]
pub mod inputs {}

#[doc = include_str!("../guide/failures.md")]
pub mod failures {}

#[doc = include_str!("../guide/state.md")]
pub mod state {}

#[doc = include_str!("../guide/streaming.md")]
pub mod streaming {}

#[cfg_attr(doc, doc = include_str!("../guide/links.md"))]
#[cfg_attr(not(all(doctest, not(feature = "progress"))), doc = include_str!("../guide/tuning.md"))]
pub mod tuning {}
