use parallelize::{Checkpoint, parallelize};

#[parallelize(over = line, checkpoint)]
fn trim<'t>(line: &'t str, end: char) -> &'t str {
    line.trim_end_matches(end)
}

fn main() {
    let store = Checkpoint::open("sweep.redb").unwrap();
    let lines: Vec<&str> = trim_parallel_iter(["a."], '.').checkpoint(&store).collect().unwrap();
    assert_eq!(lines, trim_parallel(["a."], '.'));
}
