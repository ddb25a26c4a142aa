use parallelize::parallelize;

#[parallelize(over = lne)]
fn words(line: &str, least: usize) -> impl Iterator<Item = &str> {
    line.split(' ').filter(move |word| word.len() >= least)
}

fn main() {
    for words in words_parallel("a b".lines(), 1) {
        println!("{}", words.count());
    }
}
