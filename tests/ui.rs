//! Tests of compile errors.

mod bounds;

/// Checks the messages of the attribute, with one case per mistake in `ui/<topic>/<mistake>.rs`.
///
/// `TRYBUILD=overwrite cargo test --test ui` regenerates the messages. Review the diff before you
/// commit it.
#[test]
fn mistakes() {
    let cases = trybuild::TestCases::new();
    let progress = if cfg!(feature = "progress") { "progress" } else { "without_progress" };
    let checkpoint = if cfg!(feature = "checkpoint") { "checkpoint" } else { "without_checkpoint" };
    let distributed = if cfg!(feature = "distributed") { "distributed" } else { "without_distributed" };
    let topics = [
        "over",
        "options",
        "functions",
        "items",
        "several",
        "several_mapped",
        "states",
        "cancel",
        "asynchronous",
        "called",
        "lints",
        progress,
        checkpoint,
        distributed,
    ];
    for topic in topics {
        cases.compile_fail(format!("tests/ui/{topic}/*.rs"));
    }
}
