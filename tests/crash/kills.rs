//! Kills the sweep at random moments, and compares what it computes after each kill with what it
//! had computed before.

use crate::sweep::{FAILS_AT, Form};
use parallelize::Checkpoint;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The maximum time between the end of an item and the commit of its result, on a busy machine: the
/// wait for a commit, and commits that take long.
const MAX_OPEN: Duration = Duration::from_millis(1_500);

/// What a run of the sweep has said before it was killed or ended.
#[derive(Default)]
struct Said {
    /// The items that it has computed, with the time since its start.
    computed: Vec<(u64, Duration)>,
    /// How long it took to open the file.
    opened: Option<Duration>,
    /// The other lines, of which there are some if it has ended by itself.
    end: Vec<String>,
}

/// Kills sweeps of as many items.
pub(crate) fn run(kills: u64, items: u64) {
    let folder = env::temp_dir().join(format!("parallelize-crash-{}", std::process::id()));
    for form in Form::ALL {
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("sweep.redb");
        // The first form takes most of them.
        let kills = if form == Form::Collect { kills.div_ceil(2) } else { kills.div_ceil(4) };
        kill_often(form, &path, kills, items);
        fs::remove_dir_all(&folder).expect("the folder");
    }
}

fn kill_often(form: Form, path: &Path, kills: u64, items: u64) {
    let start = Instant::now();
    let mut random = Random(0x5eed);
    // The time at which each item was last computed, before the end of its run.
    let mut ages: BTreeMap<u64, Duration> = BTreeMap::new();
    let (mut twice, mut most_twice, mut oldest, mut longest_open) = (0, 0, Duration::ZERO, Duration::ZERO);
    let mut stored = 0;
    let mut unkept = 0;
    for kill in 0..=kills {
        let limit = match kill {
            _ if kill == kills => None,
            // Some of them while the file is created or opened.
            _ if kill % 5 == 0 => Some(Duration::from_micros(random.below(20_000))),
            _ => Some(Duration::from_millis(random.below(600))),
        };
        // An item fails, until nobody kills the sweep any more.
        let fails_at = (form == Form::TryCollect && limit.is_some()).then(|| items * 3 / 4);
        let said = sweep(form, path, items, limit, fails_at);
        let again = said.computed.iter().filter_map(|(item, _)| ages.get(item));
        let again: Vec<Duration> = again.copied().collect();
        twice += again.len();
        most_twice = most_twice.max(again.len());
        oldest = oldest.max(again.into_iter().max().unwrap_or_default());
        longest_open = longest_open.max(said.opened.unwrap_or_default());

        let end = said.computed.iter().map(|(_, at)| *at).max().unwrap_or_default();
        ages.extend(said.computed.iter().map(|&(item, at)| (item, end.saturating_sub(at))));
        let now = count(path);
        assert!(now >= stored, "{form:?}: {stored} results were stored, and {now} are left");
        assert!(now <= u64::try_from(ages.len()).expect("a count"), "{form:?}: more results than computed items");
        unkept = ages.len() as u64 - now;
        stored = now;
        if limit.is_none() {
            assert!(said.end.contains(&format!("done with {items}")), "{form:?}: {:?}", said.end);
            for line in said.end.iter().filter(|line| line.starts_with("summary")) {
                println!("{:12}{line}", form.name());
            }
        }
    }
    assert_eq!(stored, items, "{form:?}: a result is not stored");
    assert_eq!(unkept, 0);
    assert!(oldest <= MAX_OPEN, "{form:?}: an item was computed again {oldest:?} after it was finished");
    // Everything comes from the file, so nothing is computed.
    let said = sweep(form, path, items, None, None);
    assert!(said.computed.is_empty(), "{form:?}: {} items were computed again", said.computed.len());
    assert!(said.end.contains(&format!("done with {items}")), "{form:?}: {:?}", said.end);
    println!(
        "{:12}{kills} kills: nothing lost, nothing wrong; {twice} of {items} items computed twice, at most {most_twice} \
         after a kill, finished at most {} ms before it; opened in at most {} ms; {:.0} s",
        form.name(),
        oldest.as_millis(),
        longest_open.as_millis(),
        start.elapsed().as_secs_f64(),
    );
}

/// Runs the sweep, and kills it after `limit`.
fn sweep(form: Form, path: &Path, items: u64, limit: Option<Duration>, fails_at: Option<u64>) -> Said {
    let mut command = Command::new(env::current_exe().expect("the path of this program"));
    command.args(["sweep", form.name()]).arg(path).arg(items.to_string()).stdout(Stdio::piped());
    if let Some(item) = fails_at {
        command.env(FAILS_AT, item.to_string());
    }
    let mut child = command.spawn().expect("a process");
    let lines = BufReader::new(child.stdout.take().expect("its output"));
    let reader = thread::spawn(move || read(lines));
    if let Some(limit) = limit {
        thread::sleep(limit);
        child.kill().expect("a kill");
    }
    let status = child.wait().expect("its end");
    let said = reader.join().expect("its lines");
    assert!(limit.is_some() || status.success(), "{form:?}: {status}");
    // Not an error of its own.
    assert!(status.code().is_none_or(|code| code == 0), "{form:?}: {status}");
    said
}

fn read(lines: impl BufRead) -> Said {
    let mut said = Said::default();
    for line in lines.lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split(' ').collect();
        let time = |text: &str| Duration::from_millis(text.parse().expect("a number"));
        match words[..] {
            ["computed", item, at] => said.computed.push((item.parse().expect("a number"), time(at))),
            ["opened", "after", at] => said.opened = Some(time(at)),
            _ => said.end.push(line),
        }
    }
    said
}

/// Returns the number of results in the file.
pub(crate) fn count(path: &Path) -> u64 {
    let store = Checkpoint::open(path).unwrap_or_else(|error| panic!("{error}"));
    store.sweeps().expect("a file that can be read").iter().map(|sweep| sweep.results).sum()
}

/// Random numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
