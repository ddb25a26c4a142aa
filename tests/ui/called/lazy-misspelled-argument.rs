use parallelize::parallelize;

#[parallelize(over = lne)]
fn words(line: &str, least: usize) -> impl Iterator<Item = &str> {
    line.split(' ').filter(move |word| word.len() >= least)
}

fn main() {
    for words in words_parallel_iter("a b".lines(), 1) {
        println!("{}", words.count());
    }
    println!("{}", words_parallel_iter("a b".lines(), 1).threads(2).collect::<Vec<_>>().len());
}
