//! What processes must have in common, so that it does not matter which of them runs an item.

use crate::distributed::letter::{self, Report};
use crate::distributed::registry;
use crate::distributed::threads;
use crate::distributed::transport::Letter;
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::hint::black_box;
use std::{env, fs};

/// The version of letters, answers and values between processes.
const PROTOCOL: u32 = 1;

/// The first words of a process.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    protocol: u32,
    pub(crate) host: String,
    pub(crate) facts: Facts,
}

/// What else a process says about itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// A hash of the functions that it knows.
    registry: u64,
    /// The number of bytes of its program, or 0 if it cannot be found out. The functions of two
    /// builds may be the same, and the types of their arguments not.
    length: u64,
    /// The extensions of its processor by which libraries choose how to compute.
    features: Vec<String>,
    /// A hash of what mathematical functions return.
    functions: u64,
    /// The maximum number of threads of its calls.
    pub(crate) threads: usize,
}

impl Hello {
    /// Returns what this process says.
    pub(crate) fn of_this_process() -> Self {
        let facts = Facts {
            registry: registry::hash(),
            length: length(),
            features: features(),
            functions: functions(),
            threads: threads::limit(),
        };
        Hello { protocol: PROTOCOL, host: host(), facts }
    }

    pub(crate) fn seal(&self) -> Letter {
        let facts = postcard::to_stdvec(&self.facts).expect("facts are plain data");
        letter::seal(facts, &Report::Hello { protocol: self.protocol, host: self.host.clone() })
    }

    /// Reads the first letter of another process. What another version of the protocol says of
    /// itself is not read.
    pub(crate) fn new(protocol: u32, host: String, body: &[u8]) -> Self {
        let facts = if protocol == PROTOCOL { postcard::from_bytes(body).ok() } else { None };
        Hello { protocol, host, facts: facts.unwrap_or_default() }
    }

    /// Returns how process `number`, which has said this, differs from the first one, and what to
    /// do about it; or `None` if they agree.
    pub(crate) fn difference(&self, number: usize, first: &Hello) -> Option<String> {
        let host = &self.host;
        let process = format!("process {number} on host `{host}`");
        if self.protocol != first.protocol {
            return Some(format!(
                "{process} was built with another version of `parallelize`: start the same executable on all hosts"
            ));
        }
        if self.facts.registry != first.facts.registry {
            return Some(format!(
                "{process} runs another build of the program, in which functions with the option `distributed` \
                 differ: start the same executable on all hosts"
            ));
        }
        let lengths = [self.facts.length, first.facts.length];
        if lengths[0] != lengths[1] && !lengths.contains(&0) {
            return Some(format!(
                "{process} runs another build of the program, whose file has another length: start the same \
                 executable on all hosts"
            ));
        }
        let lacks = |one: &Hello, other: &Hello| {
            one.facts.features.iter().find(|feature| !other.facts.features.contains(feature)).cloned()
        };
        let advice = "so that results might differ in their last bits: run on hosts of one kind";
        let this = &first.host;
        if let Some(feature) = lacks(first, self) {
            return Some(format!(
                "the processor of {process} does not have `{feature}`, which host `{this}` has, {advice}"
            ));
        }
        if let Some(feature) = lacks(self, first) {
            return Some(format!(
                "the processor of {process} has `{feature}`, which host `{this}` does not have, {advice}"
            ));
        }
        (self.facts.functions != first.facts.functions).then(|| {
            format!(
                "functions like `f64::sin` return other bits in {process} than on host `{this}`: run on hosts with \
                 the same system libraries"
            )
        })
    }
}

/// Returns the number of bytes of the running program, or 0 if it cannot be found out.
fn length() -> u64 {
    let program = if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { env::current_exe() };
    program.and_then(fs::metadata).map_or(0, |file| file.len())
}

/// Returns the extensions of the processor that change the bits of results, because a fused
/// operation rounds once and wider vectors add up in another order.
fn features() -> Vec<String> {
    #[allow(unused_mut, reason = "other processors have none that matter")]
    let mut features = Vec::<(&str, bool)>::new();
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    features.extend([
        ("avx", is_x86_feature_detected!("avx")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ]);
    #[cfg(target_arch = "aarch64")]
    features.extend([("sve", std::arch::is_aarch64_feature_detected!("sve"))]);
    features.into_iter().filter(|(_, has)| *has).map(|(name, _)| name.to_owned()).collect()
}

/// Returns a hash of what mathematical functions return, which the system may provide.
fn functions() -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut sample = 0.1_f64;
    for _ in 0..64 {
        // Not computed by the compiler.
        let x = black_box(sample);
        let results =
            [x.sin(), x.cos(), x.tan(), x.exp(), x.ln(), x.powf(1.7), x.cbrt(), x.sinh(), x.atan2(2.0), x.ln_1p()];
        results.map(f64::to_bits).hash(&mut hasher);
        #[allow(clippy::cast_possible_truncation, reason = "any sample will do")]
        let y = x as f32;
        [y.sin(), y.cos(), y.exp(), y.ln(), y.powf(1.7)].map(f32::to_bits).hash(&mut hasher);
        sample *= 1.37;
    }
    hasher.finish()
}

/// Returns the name of this host.
fn host() -> String {
    let from_system = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let from_environment = || env::var("HOSTNAME").or_else(|_| env::var("COMPUTERNAME")).ok();
    let name = from_system.or_else(from_environment).map(|name| name.trim().to_owned());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "localhost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Hello, functions, length};
    use crate::distributed::letter::{self, Report};

    fn difference(change: impl FnOnce(&mut Hello)) -> Option<String> {
        let mut first = Hello::of_this_process();
        first.host = "node1".to_owned();
        first.facts.features = vec!["avx".to_owned(), "fma".to_owned()];
        let mut other = first.clone();
        other.host = "node7".to_owned();
        change(&mut other);
        other.difference(3, &first)
    }

    #[test]
    fn processes_that_agree_have_no_difference() {
        assert_eq!(difference(|_| ()), None);
        // Hosts of different sizes compute the same.
        assert_eq!(difference(|other| other.facts.threads = 1_000), None);
    }

    #[test]
    fn each_difference_names_the_host_and_says_what_to_do() {
        type Case = (fn(&mut Hello), &'static str, &'static str);
        let cases: [Case; 6] = [
            (|other| other.protocol += 1, "another version of `parallelize`", "the same executable"),
            (|other| other.facts.registry ^= 1, "another build of the program", "the same executable"),
            (|other| other.facts.length += 1, "whose file has another length", "the same executable"),
            (
                |other| other.facts.features.truncate(1),
                "does not have `fma`, which host `node1` has",
                "hosts of one kind",
            ),
            (
                |other| other.facts.features.push("avx512f".to_owned()),
                "has `avx512f`, which host `node1` does not have",
                "hosts of one kind",
            ),
            (|other| other.facts.functions ^= 1, "return other bits", "the same system libraries"),
        ];
        for (change, what, advice) in cases {
            let message = difference(change).expect("a difference");
            assert!(message.contains("process 3 on host `node7`"), "{message}");
            assert!(message.contains(what) && message.contains(advice), "{message}");
        }
    }

    #[test]
    fn a_hello_is_read_as_it_was_written() {
        let hello = Hello::of_this_process();
        let mut letter = hello.seal().to_vec();
        let Some(Report::Hello { protocol, host }) = letter::unseal(&mut letter) else { panic!("no hello") };
        let read = Hello::new(protocol, host, &letter);
        assert_eq!(read.difference(1, &hello), None);
        assert_eq!((read.host, read.facts.threads), (hello.host, hello.facts.threads));
        assert!(hello.facts.threads > 0);
    }

    #[test]
    fn the_length_of_the_program_is_known() {
        assert!(length() > 1_000);
    }

    #[test]
    fn mathematical_functions_return_the_same_again() {
        assert_eq!(functions(), functions());
    }
}
