//! The header of a sweep in the file.

use crate::checkpoint::key::SweepKey;
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};

/// The index of a build of the program that cannot read its own file. Nothing is known about two
/// such builds.
pub(super) const UNKNOWN_BUILD: u16 = u16::MAX;

/// A function with a set of fixed arguments, as the file describes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sweep {
    /// The first part of the keys of its results.
    pub(super) number: u32,
    pub(super) path: String,
    pub(super) tokens: u64,
    pub(super) version: u64,
    /// The name and the hash of each fixed argument.
    pub(super) arguments: Vec<(String, u128)>,
    /// The builds of the program that have computed results. Each result has the index of its
    /// build.
    builds: Vec<Build>,
    /// In seconds since 1970.
    pub(super) created: u64,
    pub(super) last_used: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Build {
    executable: u64,
    /// The same number for builds whose results agree.
    group: u16,
}

/// Returns the present time, in seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Sweep {
    pub(super) fn new(number: u32, key: &SweepKey) -> Self {
        let created = now();
        Sweep {
            number,
            path: key.path.to_owned(),
            tokens: key.tokens,
            version: key.version,
            arguments: key.arguments.iter().map(|&(name, hash)| (name.to_owned(), hash)).collect(),
            builds: Vec::new(),
            created,
            last_used: created,
        }
    }

    /// Returns the groups of all builds, by their indices.
    pub(super) fn groups(&self) -> Vec<u16> {
        self.builds.iter().map(|build| build.group).collect()
    }

    /// Returns the group of a build, if it has computed a result or has been compared.
    pub(super) fn group_of(&self, executable: u64) -> Option<u16> {
        self.builds.iter().find(|build| build.executable == executable).map(|build| build.group)
    }

    /// Returns the index of a build, and whether it has been added for that.
    pub(super) fn index_of(&mut self, executable: Option<u64>) -> (u16, bool) {
        let Some(executable) = executable else { return (UNKNOWN_BUILD, false) };
        if let Some(index) = self.builds.iter().position(|build| build.executable == executable) {
            return (u16::try_from(index).unwrap_or(UNKNOWN_BUILD), false);
        }
        match u16::try_from(self.builds.len()) {
            Ok(index) if index != UNKNOWN_BUILD => {
                self.builds.push(Build { executable, group: index });
                (index, true)
            }
            _ => (UNKNOWN_BUILD, false),
        }
    }

    /// Notes that the builds of a group compute the same as this one.
    pub(super) fn join(&mut self, group: u16, executable: u64) {
        self.index_of(Some(executable));
        if let Some(own) = self.group_of(executable) {
            for build in self.builds.iter_mut().filter(|build| build.group == group) {
                build.group = own;
            }
        }
    }

    /// Returns what keeps a call from using these results, in words.
    pub(super) fn differences(&self, key: &SweepKey) -> Vec<String> {
        let mut differences = Vec::new();
        if self.version != key.version {
            differences.push(format!("the version of `{}`", key.function()));
        } else if self.tokens != key.tokens {
            differences.push(format!("the body of `{}`", key.function()));
        }
        for &(name, hash) in &key.arguments {
            if !self.arguments.iter().any(|(own, value)| own == name && *value == hash) {
                differences.push(format!("the fixed argument `{name}`"));
            }
        }
        differences
    }
}
