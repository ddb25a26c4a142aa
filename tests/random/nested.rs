//! Calls inside the items of calls, on two levels.

use crate::{
    Counted, Fate, POOLS, Plan, attempt, attempt_parallel, attempt_parallel_iter, items, none_alive, outcome, turn,
};
use parallelize::parallelize;
use proptest::prelude::*;

/// An item that makes a call: the plan of the call, and its number of threads if it is limited.
type Row = (Plan, Option<usize>);

#[parallelize(over = row, try_collect)]
fn cells(row: &Row) -> Result<Vec<Counted>, Counted> {
    let (plan, threads) = row;
    match threads {
        None => attempt_parallel(items(plan, true), plan),
        Some(threads) => attempt_parallel_iter(items(plan, false), plan).threads(*threads).try_collect(),
    }
}

fn cells_of_loop(row: &Row) -> Result<Vec<Counted>, Counted> {
    items(&row.0, true).map(|item| attempt(item, &row.0)).collect()
}

#[parallelize(over = table, try_collect)]
fn rows(table: &[Row]) -> Result<Vec<Vec<Counted>>, Counted> {
    cells_parallel(table)
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![500 => Just(Fate::Pass), 1 => Just(Fate::Fail), 1 => Just(Fate::Panic)]
}

fn tables() -> impl Strategy<Value = Vec<Vec<Row>>> {
    let costs = prop_oneof![6 => Just(0), 3 => 0..5_u8, 1 => 20..80_u8];
    let plan = proptest::collection::vec((costs, fates()), 0..40);
    let row = (plan, proptest::option::weighted(0.2, 1..10_usize));
    proptest::collection::vec(proptest::collection::vec(row, 0..8), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nested_calls_equal_the_nested_loops(tables in tables(), pool in 0..5_usize) {
        let _turn = turn();
        let parallel = outcome(|| POOLS[pool].install(|| rows_parallel(tables.iter().map(Vec::as_slice))));
        let rows_of_loop = |table: &Vec<Row>| table.iter().map(cells_of_loop).collect::<Result<Vec<_>, _>>();
        let serial = outcome(|| tables.iter().map(rows_of_loop).collect::<Result<Vec<_>, _>>());
        prop_assert_eq!(&parallel, &serial);
        drop((parallel, serial));
        none_alive()?;
    }
}
