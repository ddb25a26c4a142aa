//! A function whose items may run in other processes.

use crate::distributed::dispatch::Dispatch;
use crate::distributed::registry::Function;
use crate::distributed::wire::WireError;
use crate::input::split::Input;
use crate::lazy::apply::Apply;
use crate::lazy::courier::Shipping;
use crate::lazy::spread::{HereOrThere, Order, Orders, Spread};
use crate::lazy::start::Start;
use crate::lazy::stop::Cut;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};

#[cfg(feature = "checkpoint")]
use crate::checkpoint::checkpoint::Checkpoint;
#[cfg(feature = "checkpoint")]
use crate::lazy::kept::Checkpointed;
#[cfg(feature = "checkpoint")]
use crate::lazy::stop::Stops;

/// A function whose items may run in other processes.
///
/// You do not need to name this type: it is the function of a lazy version with `distributed`.
pub struct Distributed<K, F, T, R> {
    function: Function<'static>,
    /// Returns the bytes of the fixed arguments.
    fixed: K,
    f: F,
    /// The processes, if the call has taken them before it begins. The lock makes it `Sync`.
    dispatch: Mutex<Option<Dispatch>>,
    orders: Orders<T, R>,
}

/// Creates the input and the function of a call whose items may run in other processes.
///
/// `fixed` returns the bytes of the fixed arguments. `dispatch` are the processes, if the call has
/// taken them already.
#[allow(clippy::type_complexity)] // Two types, and no name for the pair is clearer.
pub(crate) fn distribute<I, T, R, K, F>(
    function: Function<'static>,
    shipping: Shipping<T, R>,
    fixed: K,
    input: Input<I>,
    f: F,
    dispatch: Option<Dispatch>,
) -> (Spread<I, T, R>, Distributed<K, F, T, R>)
where
    I: Iterator<Item = T>,
    K: Fn() -> Result<Vec<u8>, WireError>,
    F: Apply<T, Output = R>,
{
    let orders = Orders::new();
    let input = Spread::new(input.items, shipping, orders.clone());
    (input, Distributed { function, fixed, f, dispatch: Mutex::new(dispatch), orders })
}

impl<T, R, K, F> Apply<HereOrThere<T, R>> for Distributed<K, F, T, R>
where
    F: Apply<T, Output = R>,
    K: Fn() -> Result<Vec<u8>, WireError>,
{
    type Output = R;
    type State = F::State;
    const HAS_STATE: bool = F::HAS_STATE;
    const HAS_TOKEN: bool = F::HAS_TOKEN;
    const HAS_BEGIN: bool = true;

    fn state(&self) -> F::State {
        self.f.state()
    }

    #[inline]
    fn apply(&self, state: &mut F::State, item: HereOrThere<T, R>) -> R {
        match item {
            HereOrThere::Here(item) => self.f.apply(state, item),
            HereOrThere::There(outcome) => {
                self.f.pass_over(state);
                outcome.unwrap_or_else(|payload| resume_unwind(payload))
            }
        }
    }

    fn unwatch(&mut self) {
        self.f.unwatch();
    }

    fn begin(&mut self, start: &mut Start) {
        self.f.begin(start);
        let taken = self.dispatch.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut dispatch) = taken.or_else(Dispatch::take) else { return };
        let fixed = (self.fixed)().unwrap_or_else(|error| panic!("{error}"));
        dispatch.open(self.function, fixed, start.threads);
        let cut = Cut::default();
        self.orders.leave(Order {
            dispatch,
            stops: start.stops.clone(),
            cut: cut.clone(),
            // An input may wait for the answer to an item, and then asks for one thread.
            in_flight: if start.threads == Some(1) { 1 } else { start.in_flight },
            #[cfg(feature = "checkpoint")]
            ledger: self.f.ledger(),
            #[cfg(not(feature = "checkpoint"))]
            types: std::marker::PhantomData,
        });
        // The calling thread only passes the results on. The input knows when the call is stopped.
        start.threads = Some(1);
        start.stops.cut = Some(cut);
    }

    fn note_end(&self, end: usize) {
        self.f.note_end(end);
    }

    #[inline]
    fn was_cancelled(&self, state: &F::State) -> bool {
        self.f.was_cancelled(state)
    }
}

#[cfg(feature = "checkpoint")]
impl<K, F: Checkpointed, T, R> Checkpointed for Distributed<K, F, T, R> {
    fn keep(&mut self, store: &Checkpoint, stops: &mut Stops) {
        self.f.keep(store, stops);
    }
}
