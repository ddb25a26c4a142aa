//! What those who made a mistake are told.

mod bounds;

/// Mistakes that the attribute finds: a case a mistake, in `ui/<topic>/<mistake>.rs`.
///
/// `TRYBUILD=overwrite cargo test --test ui` writes the messages anew; read each aloud before committing it.
#[test]
fn mistakes() {
    let cases = trybuild::TestCases::new();
    let progress = if cfg!(feature = "progress") { "progress" } else { "without_progress" };
    for topic in ["over", "options", "functions", "items", "several", "several_mapped", "states", "called", progress] {
        cases.compile_fail(format!("tests/ui/{topic}/*.rs"));
    }
}
