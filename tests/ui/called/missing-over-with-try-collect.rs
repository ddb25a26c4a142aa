use parallelize::parallelize;

#[parallelize(try_collect)]
fn find(word: &str, words: &[&str]) -> Option<usize> {
    words.iter().position(|one| *one == word)
}

fn main() {
    println!("{}", find_parallel(["a"], &["a"]).unwrap().len());
    println!("{}", find_parallel_iter(["a"], &["a"]).try_collect::<Vec<_>>().unwrap().len());
}
