use parallelize::parallelize;

#[parallelize(skip_none, catch_panics)]
fn find(word: &str, words: &[&str]) -> Option<usize> {
    words.iter().position(|one| *one == word)
}

fn main() {
    println!("{}", find_parallel(["a"], &["a"])[0].as_ref().unwrap().count_ones());
    for at in find_parallel_iter(["a"], &["a"]) {
        println!("{}", at.unwrap().count_ones());
    }
}
