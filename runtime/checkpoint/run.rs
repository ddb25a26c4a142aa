//! One call on one sweep: it finds stored results and keeps new ones.

use crate::checkpoint::comparison::{Comparison, Suspects};
use crate::checkpoint::encoding::EncodingError;
use crate::checkpoint::error::Problem;
use crate::checkpoint::failing::{Failing, Failure};
use crate::checkpoint::file::Put;
use crate::checkpoint::if_changed::IfChanged;
use crate::checkpoint::key::SweepKey;
use crate::checkpoint::mix::Mix;
use crate::checkpoint::store::{Begun, Store};
use crate::checkpoint::summary::{Summary, Unused};
use crate::checkpoint::sweep::UNKNOWN_BUILD;
use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// A call that keeps its results. Its clones are the same call.
#[derive(Clone)]
pub(crate) struct Run(Arc<Call>);

struct Call {
    store: Arc<Store>,
    function: &'static str,
    executable: Option<u64>,
    /// `None` if the call has failed from the start.
    begun: Option<Begun>,
    /// What to do with the results of each build, by its index.
    origins: Vec<Origin>,
    /// The same for builds that do not know themselves.
    unknown: Origin,
    /// The index of this build, once it has computed a result.
    build: OnceLock<u16>,
    failing: Failing,
    counts: Counts,
    has_ended: AtomicBool,
}

#[derive(Default)]
struct Counts {
    stored: Arc<AtomicU64>,
    computed: AtomicU64,
    put: AtomicU64,
    of_another_type: AtomicU64,
    of_another_build: AtomicU64,
    damaged: AtomicU64,
}

/// What to do with the results of a build.
#[derive(Clone, Debug)]
enum Origin {
    /// Use them.
    Trusted,
    /// Compute them again.
    Refused,
    /// Compare some of them first.
    Suspect(u16, Arc<Suspects>),
}

/// What the file has for an item.
pub(crate) enum Found {
    /// Nothing: compute the result, and [`put`](Run::put) it.
    Nothing,
    /// An encoded result. If it can be decoded, say [`used`](Run::used); otherwise compute the
    /// result, and [`replace`](Run::replace) it.
    Stored(Vec<u8>),
    /// The checkpoint has failed: compute the result, and keep nothing. What is stored may be
    /// needed.
    Failed,
    /// A result of another build. If it can be decoded, compute it once more and settle the
    /// comparison; otherwise as for `Stored`.
    Compare(Comparison),
}

/// The checkpoint of a call has failed. The handle has the error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed;

impl Run {
    /// Begins a call of a build of the program, by a hash of its file.
    pub(super) fn begin(executable: Option<u64>, store: &Arc<Store>, mut key: SweepKey, if_changed: IfChanged) -> Self {
        let shared = &store.shared;
        let failing = Failing { file: Arc::clone(&shared.failure), call: Failure::default() };
        if let Some((name, error)) = key.refused.take() {
            failing.fail_call(shared.error(Problem::Argument(name, error)));
        }
        let begun = (!failing.has_failed()).then(|| shared.begin(&key, executable));
        let mut suspects = BTreeMap::new();
        let mut origin_of = |group| match if_changed {
            IfChanged::Reuse => Origin::Trusted,
            IfChanged::Recompute => Origin::Refused,
            IfChanged::Compare => Origin::Suspect(group, Arc::clone(suspects.entry(group).or_default())),
        };
        let (groups, own) = begun.as_ref().map_or((&[][..], None), |begun| (&begun.groups, begun.own_group));
        let origins = groups.iter().map(|&group| if Some(group) == own { Origin::Trusted } else { origin_of(group) });
        let origins = origins.collect();
        Run(Arc::new(Call {
            store: Arc::clone(store),
            function: key.function(),
            executable,
            begun,
            origins,
            unknown: origin_of(UNKNOWN_BUILD),
            build: OnceLock::new(),
            failing,
            counts: Counts::default(),
            has_ended: AtomicBool::new(false),
        }))
    }

    /// Looks for the result of an item.
    pub(crate) fn find(&self, item: u128) -> Found {
        let call = &*self.0;
        let Some(begun) = call.begun.as_ref().filter(|begun| begun.has_results) else { return Found::Nothing };
        if call.failing.has_failed() {
            return Found::Failed;
        }
        let value = match call.store.shared.file.get(begun.number, item) {
            Ok(Some(value)) => value,
            Ok(None) => return Found::Nothing,
            Err(problem) => {
                call.store.shared.fail(problem);
                return Found::Failed;
            }
        };
        let Some((build, encoded)) = unpack(begun.key, item, value) else {
            call.counts.damaged.fetch_add(1, Relaxed);
            return Found::Nothing;
        };
        match call.origin(build) {
            Origin::Trusted => Found::Stored(encoded),
            Origin::Suspect(_, suspects) if suspects.agree() => Found::Stored(encoded),
            Origin::Suspect(_, suspects) => Found::Compare(Comparison {
                item,
                stored: encoded,
                suspects: Arc::clone(suspects),
                failing: call.failing.clone(),
                path: Arc::clone(&call.store.shared.path),
                function: call.function,
            }),
            Origin::Refused => {
                call.counts.of_another_build.fetch_add(1, Relaxed);
                Found::Nothing
            }
        }
    }

    /// Keeps a computed result. Blocks while too many bytes wait for the disk. `is_readable`
    /// decodes it, for the first result of the call only.
    pub(crate) fn put(
        &self,
        item: u128,
        encoded: Result<Vec<u8>, EncodingError>,
        is_readable: impl FnOnce(&[u8]) -> bool,
    ) {
        let call = &*self.0;
        let Some(begun) = &call.begun else { return };
        let encoded = match encoded {
            Ok(encoded) => encoded,
            Err(error) => return call.fail(Problem::Result(call.function, error.0)),
        };
        if call.counts.put.fetch_add(1, Relaxed) == 0 && !is_readable(&encoded) {
            return call.fail(Problem::Unreadable(call.function));
        }
        let shared = &call.store.shared;
        let build = *call.build.get_or_init(|| {
            let index = shared.change(begun.key, |entry| {
                let (index, is_new) = entry.sweep.index_of(call.executable);
                entry.is_changed |= is_new;
                index
            });
            index.unwrap_or(UNKNOWN_BUILD)
        });
        let value = pack(begun.key, item, build, &encoded);
        shared.queue.push(Put { sweep: begun.number, item, value });
    }

    /// Keeps a computed result in place of a stored one that could not be decoded.
    pub(crate) fn replace(
        &self,
        item: u128,
        encoded: Result<Vec<u8>, EncodingError>,
        is_readable: impl Fn(&[u8]) -> bool,
    ) {
        let call = &*self.0;
        if encoded.as_ref().is_ok_and(|encoded| !is_readable(encoded)) {
            // It would be computed again by each run.
            return call.fail(Problem::Unreadable(call.function));
        }
        call.counts.of_another_type.fetch_add(1, Relaxed);
        self.put(item, encoded, is_readable);
    }

    /// Counts a stored result that the call has used.
    pub(crate) fn used(&self) {
        self.0.counts.stored.fetch_add(1, Relaxed);
    }

    /// Returns what counts the stored results that the call has used.
    #[cfg(feature = "progress")]
    pub(crate) fn stored(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.0.counts.stored)
    }

    /// Counts an item that the call has computed, also one whose result is not kept. Not for items
    /// that were cancelled.
    pub(crate) fn computed(&self) {
        self.0.counts.computed.fetch_add(1, Relaxed);
    }

    /// Fails the call because an item has no key.
    pub(crate) fn fail(&self, error: &EncodingError) {
        self.0.fail(Problem::Item(self.0.function, error.0.clone()));
    }

    /// Returns whether the call has failed, so that its other items stop. Cheap enough for each
    /// item.
    #[inline]
    pub(crate) fn has_failed(&self) -> bool {
        self.0.failing.has_failed()
    }

    /// Ends the call: waits until its results are on the disk, and leaves the summary. Dropping the
    /// last clone does the same.
    pub(crate) fn finish(&self) -> Result<(), Failed> {
        self.0.finish();
        if self.has_failed() { Err(Failed) } else { Ok(()) }
    }
}

impl Debug for Run {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("function", &self.0.function).finish_non_exhaustive()
    }
}

impl Call {
    /// Builds that have come after the begin of the call are this one.
    fn origin(&self, build: u16) -> &Origin {
        if build == UNKNOWN_BUILD {
            &self.unknown
        } else {
            self.origins.get(usize::from(build)).unwrap_or(&Origin::Trusted)
        }
    }

    fn fail(&self, problem: Problem) {
        self.failing.fail_call(self.store.shared.error(problem));
    }

    fn finish(&self) {
        let shared = &self.store.shared;
        let has_ended = self.has_ended.swap(true, Relaxed);
        if let Some(begun) = &self.begun {
            let must_write = !has_ended && self.join_builds(begun.key);
            shared.queue.flush(must_write);
        }
        if has_ended {
            return;
        }
        if let Some(begun) = &self.begun {
            shared.change(begun.key, |entry| entry.calls -= 1);
        }
        let counts = &self.counts;
        let summary = Summary {
            stored: counts.stored.load(Relaxed),
            computed: counts.computed.load(Relaxed),
            path: Arc::clone(&shared.path),
            changes: self.begun.as_ref().map_or_else(Vec::new, |begun| begun.changes.clone()),
            unused: Unused {
                of_another_type: counts.of_another_type.load(Relaxed),
                of_another_build: counts.of_another_build.load(Relaxed),
                damaged: counts.damaged.load(Relaxed),
            },
        };
        let mut latest = shared.latest();
        latest.summary = Some(summary);
        latest.failure = self.failing.error();
    }

    /// Notes which other builds have turned out to compute the same. Returns whether there are any.
    fn join_builds(&self, key: u128) -> bool {
        let Some(executable) = self.executable.filter(|_| !self.failing.has_failed()) else { return false };
        let groups = self.origins.iter().filter_map(|origin| match origin {
            Origin::Suspect(group, suspects) if suspects.agree() => Some(*group),
            _ => None,
        });
        let groups: Vec<u16> = groups.collect();
        self.store.shared.change(key, |entry| {
            for &group in &groups {
                entry.sweep.join(group, executable);
                entry.is_changed = true;
            }
        });
        !groups.is_empty()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.finish();
    }
}

/// The number of bytes before an encoded result.
const PREFIX_BYTES: usize = 6;

/// Returns four bytes that say whether a result is the one that was written.
///
/// `sweep` is the key of the sweep and not its number, because the header that has the number may
/// be damaged.
fn check_of(sweep: u128, item: u128, build: [u8; 2], encoded: &[u8]) -> [u8; 4] {
    let mut mix = Mix::new(u64::from(u16::from_le_bytes(build)));
    mix.bytes(&sweep.to_le_bytes());
    mix.bytes(&item.to_le_bytes());
    mix.bytes(encoded);
    let hash = mix.finish().to_le_bytes();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Returns what is written for an encoded result: its build, a check, and the result. The database
/// itself does not check what it reads.
fn pack(sweep: u128, item: u128, build: u16, encoded: &[u8]) -> Vec<u8> {
    let build = build.to_le_bytes();
    let mut value = Vec::with_capacity(PREFIX_BYTES + encoded.len());
    value.extend(build);
    value.extend(check_of(sweep, item, build, encoded));
    value.extend(encoded);
    value
}

/// Returns the build and the encoded result, or `None` if they are damaged.
fn unpack(sweep: u128, item: u128, mut value: Vec<u8>) -> Option<(u16, Vec<u8>)> {
    let &[build_0, build_1, ref check @ ..] = value.first_chunk::<PREFIX_BYTES>()?;
    let build = [build_0, build_1];
    let is_intact = *check == check_of(sweep, item, build, &value[PREFIX_BYTES..]);
    value.drain(..PREFIX_BYTES);
    is_intact.then_some((u16::from_le_bytes(build), value))
}
