use parallelize::parallelize;

#[parallelize(over = word, try_collect, skip_none)]
fn find(word: &str, words: &[&str]) -> Option<usize> {
    words.iter().position(|one| *one == word)
}

fn main() {
    println!("{:?}", find_parallel(["a"], &["a"]));
    for at in find_parallel_iter(["a"], &["a"]) {
        println!("{}", at.count_ones());
    }
    println!("{}", find_parallel_iter(["a"], &["a"]).collect::<Vec<_>>()[0].count_ones());
}
