//! Where a process runs, and the warnings about processes that have too few cores or too many.

use std::collections::{BTreeMap, BTreeSet};
use std::{env, fs, thread};

/// Where a process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) host: String,
    /// The number of threads that its calls use.
    threads: usize,
    /// The number of cores that it may use.
    cores: usize,
    /// The numbers of these cores, if the system tells.
    bound_to: BTreeSet<usize>,
    /// The number of cores of the host that belong to the job, or 0 if the system does not tell.
    of_host: usize,
}

impl Place {
    /// Returns the place of this process, on the host of this name.
    pub(crate) fn of_this_process(host: String) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        let online = fs::read_to_string("/sys/devices/system/cpu/online").unwrap_or_default();
        let of_host = number("SLURM_CPUS_ON_NODE").unwrap_or_else(|| cpus(&online).len());
        let threads = threads(number("RAYON_NUM_THREADS"), number("PARALLELIZE_THREADS"), cores);
        Place { host, threads, cores, bound_to: cpus(allowed.unwrap_or_default()), of_host }
    }

    /// The text by which the first process learns it.
    pub(crate) fn to_text(&self) -> String {
        let bound_to = self.bound_to.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
        let Place { host, threads, cores, of_host, .. } = self;
        format!("{threads} {cores} {of_host} {host}\n{bound_to}")
    }

    /// Reads what [`to_text`](Place::to_text) has written.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let (first, bound_to) = text.split_once('\n')?;
        let mut words = first.splitn(4, ' ');
        let mut number = || words.next()?.parse().ok();
        let (threads, cores, of_host) = (number()?, number()?, number()?);
        Some(Place { host: words.next()?.to_owned(), threads, cores, bound_to: cpus(bound_to), of_host })
    }
}

fn number(name: &str) -> Option<usize> {
    env::var(name).ok()?.trim().parse().ok()
}

/// Returns the number of threads of a call: those of the pool of rayon, capped.
fn threads(of_rayon: Option<usize>, cap: Option<usize>, cores: usize) -> usize {
    let pool = of_rayon.filter(|threads| *threads > 0).unwrap_or(cores);
    pool.min(cap.filter(|cap| *cap > 0).unwrap_or(usize::MAX))
}

/// Reads a list of cores, as `0-3,8`.
fn cpus(text: &str) -> BTreeSet<usize> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    };
    text.split(',').filter_map(range).flatten().collect()
}

/// Returns a warning per mistake in the places of all processes, for a person who has started them.
pub(crate) fn warnings(places: &[Place]) -> Vec<String> {
    let mut hosts: BTreeMap<&str, Vec<(usize, &Place)>> = BTreeMap::new();
    for (rank, place) in places.iter().enumerate() {
        hosts.entry(&place.host).or_default().push((rank, place));
    }
    hosts.iter().filter_map(|(host, ranks)| warning(host, ranks)).collect()
}

/// Returns the first mistake on a host. The others often have the same reason.
fn warning(host: &str, ranks: &[(usize, &Place)]) -> Option<String> {
    if let Some((rank, place)) = ranks.iter().find(|(_, place)| place.threads > place.cores) {
        return Some(format!(
            "rank {rank} on host {host} starts {}, but is bound to {}: bind it to more cores (`mpirun --bind-to none`, \
             `srun --cpus-per-task=n`), or set RAYON_NUM_THREADS to a smaller number",
            count(place.threads, "thread"),
            count(place.cores, "core"),
        ));
    }
    let bound_to: BTreeSet<usize> = ranks.iter().flat_map(|(_, place)| place.bound_to.iter().copied()).collect();
    let most = ranks.iter().map(|(_, place)| place.cores).max().unwrap_or_default();
    let cores = if bound_to.is_empty() { most } else { bound_to.len() };
    let threads: usize = ranks.iter().map(|(_, place)| place.threads).sum();
    if ranks.len() > 1 && threads > cores {
        return Some(format!(
            "{} on host {host} start {} together, but have {}: start one rank per host, bind each to cores of its own \
             (`mpirun --map-by slot:PE=n --bind-to core`, `srun --cpus-per-task=n`), or set PARALLELIZE_THREADS to {}",
            count(ranks.len(), "rank"),
            count(threads, "thread"),
            count(cores, "core"),
            (cores / ranks.len()).max(1),
        ));
    }
    match ranks {
        [(rank, place)] if place.cores < place.of_host && place.threads == place.cores => Some(format!(
            "rank {rank} is alone on host {host}, but is bound to {} of {}: start it with all of them (`mpirun --bind-to \
             none`, `srun --cpus-per-task={}`), or start more ranks",
            place.cores, place.of_host, place.of_host,
        )),
        _ => None,
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(host: &str, threads: usize, bound_to: &str, of_host: usize) -> Place {
        let bound_to = cpus(bound_to);
        Place { host: host.to_owned(), threads, cores: bound_to.len(), bound_to, of_host }
    }

    #[test]
    fn lists_of_cores_are_read() {
        assert_eq!(cpus("0-3,8\n"), BTreeSet::from([0, 1, 2, 3, 8]));
        assert_eq!(cpus("\t5"), BTreeSet::from([5]));
        assert_eq!(cpus(""), BTreeSet::new());
    }

    #[test]
    fn variables_change_the_number_of_threads() {
        assert_eq!(threads(None, None, 8), 8);
        assert_eq!(threads(Some(12), None, 8), 12);
        assert_eq!(threads(Some(0), None, 8), 8);
        assert_eq!(threads(None, Some(2), 8), 2);
        assert_eq!(threads(None, Some(20), 8), 8);
    }

    #[test]
    fn a_place_survives_as_text() {
        for place in [place("a b", 3, "0-2,7", 64), Place { bound_to: BTreeSet::new(), ..place("c", 1, "0", 0) }] {
            assert_eq!(Place::from_text(&place.to_text()), Some(place));
        }
        assert_eq!(Place::from_text("1 2"), None);
    }

    #[test]
    fn good_places_have_no_warning() {
        // One rank per host, with all of its cores.
        assert_eq!(warnings(&[place("a", 4, "0-3", 4), place("b", 4, "0-3", 4)]), [""; 0]);
        // One rank per core.
        assert_eq!(warnings(&[place("a", 1, "0", 2), place("a", 1, "1", 2)]), [""; 0]);
        // Ranks that share cores, with fewer threads.
        assert_eq!(warnings(&[place("a", 2, "0-3", 4), place("a", 2, "0-3", 4)]), [""; 0]);
        // One thread on purpose.
        assert_eq!(warnings(&[place("a", 1, "0-3", 4)]), [""; 0]);
        // A part of a host that belongs to several jobs.
        assert_eq!(warnings(&[place("a", 4, "8-11", 4)]), [""; 0]);
    }

    #[test]
    fn each_mistake_has_a_warning_that_names_the_host() {
        let starts = |places: &[Place], expected: &str| {
            let warnings = warnings(places).join("\n");
            assert!(warnings.starts_with(expected), "{warnings}");
        };
        let good = place("a", 4, "0-3", 4);
        starts(&[good.clone(), place("b", 8, "3", 8)], "rank 1 on host b starts 8 threads, but is bound to 1 core:");
        let shares = place("c", 2, "0,1", 2);
        starts(
            &[good.clone(), shares.clone(), shares],
            "2 ranks on host c start 4 threads together, but have 2 cores:",
        );
        starts(&[good, place("d", 1, "0", 64)], "rank 1 is alone on host d, but is bound to 1 of 64: ");
    }
}
