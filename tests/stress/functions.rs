//! The functions whose calls are compared, one per shape.

use crate::counted::{Counted, State};
use crate::plan::{Fate, Plan};
use crate::watch::fail;
use parallelize::parallelize;

#[parallelize(over = item)]
pub(crate) fn plain(item: Counted, plan: &Plan) -> Counted {
    plan.run(item).0
}

#[parallelize(over = item)]
pub(crate) fn maybe(item: Counted, plan: &Plan) -> Option<Counted> {
    let (result, fate) = plan.run(item);
    (fate != Fate::Nothing).then_some(result)
}

#[parallelize(over = item, skip_none)]
pub(crate) fn chosen(item: Counted, plan: &Plan) -> Option<Counted> {
    maybe(item, plan)
}

#[parallelize(over = item, try_collect)]
pub(crate) fn attempt(item: Counted, plan: &Plan) -> Result<Counted, Counted> {
    let (result, fate) = plan.run(item);
    if fate == Fate::Fail { Err(result) } else { Ok(result) }
}

#[parallelize(over = item, catch_panics)]
pub(crate) fn guarded(item: Counted, plan: &Plan) -> Counted {
    plan.run(item).0
}

/// More threads than most pools have.
#[parallelize(over = item, threads = 24)]
pub(crate) fn crowd(item: Counted, plan: &Plan) -> Counted {
    plan.run(item).0
}

#[parallelize(over = item, per_thread(state = State::new(&plan.count)))]
pub(crate) fn stateful(item: Counted, plan: &Plan, state: &mut State) -> Counted {
    struct InUse<'state>(&'state mut State);
    impl Drop for InUse<'_> {
        fn drop(&mut self) {
            self.0.set_used(false);
        }
    }

    state.set_used(true);
    let state = InUse(state);
    state.0.buffer.clear();
    state.0.buffer.push(item.index);
    let result = plan.run(item).0;
    if state.0.buffer != [result.index] {
        fail("another item has changed the value of `per_thread`");
    }
    result
}

#[parallelize(over = item, per_item(number = |index| index))]
pub(crate) fn numbered(item: Counted, plan: &Plan, number: usize) -> Counted {
    if item.index != number {
        fail(&format!("item {} gets the number {number}", item.index));
    }
    plan.run(item).0
}

#[parallelize(over = zip(x, y))]
pub(crate) fn zipped(x: Counted, y: Counted, plan: &Plan) -> Counted {
    y.check(&plan.count);
    if x.index != y.index {
        fail(&format!("item {} is zipped with {}", x.index, y.index));
    }
    let result = plan.run(x).0;
    drop(y);
    result
}

#[parallelize(over = product(x, y))]
pub(crate) fn crossed(mut x: Counted, y: usize, plan: &Plan) -> Counted {
    x.index = x.index * plan.columns + y;
    plan.run(x).0
}
