use parallelize::parallelize;

#[parallelize(over = line, distributed, per_thread(words = Vec::new()))]
fn count<'a>(line: &'a str, words: &mut Vec<&'a str>, least: usize) -> usize {
    words.extend(line.split(' '));
    words.len() + least
}

fn main() {
    count_parallel(["a b"], 1);
}
