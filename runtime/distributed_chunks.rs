//! What generated code writes to run the chunks of a call in another process.

use crate::arguments::NoValue;
use crate::distributed::registry::Job;
use crate::distributed::wire::{Decode, Encode, Receive, WireError};
use crate::engine::memory::Memory;
use crate::lazy::apply::Apply;
use crate::lazy::open_call::OpenCall;
use std::marker::PhantomData;
use std::sync::Arc;

/// A fixed argument that has arrived in another process. `U` is the type in the signature; of a
/// reference, the type behind it.
pub struct Arrived<U: Receive + ?Sized>(pub U::Owned);

/// Sharing an argument whose parameter is a reference.
pub trait ShareArrived<U: Receive + ?Sized> {
    /// Wraps the argument.
    fn __share_arrived(self) -> SharedArrived<U>;
}

impl<U: Receive<Owned: Send + Sync> + ?Sized> ShareArrived<U> for Arrived<U> {
    fn __share_arrived(self) -> SharedArrived<U> {
        SharedArrived(Arc::new(self.0))
    }
}

/// Cloning an argument whose parameter is a value.
pub trait CloneArrived<T> {
    /// Wraps the argument.
    fn __clone_arrived(self) -> ClonedArrived<T>;
}

impl<T: Clone + Send + Sync> CloneArrived<T> for Arrived<T> {
    fn __clone_arrived(self) -> ClonedArrived<T> {
        ClonedArrived(Arc::new(self.0))
    }
}

/// The fallback for types that threads cannot share, which the parallel function reports.
pub trait OrNothingArrived<U: ?Sized> {
    /// Drops the argument.
    fn __share_arrived(self) -> NothingArrived<U>;

    /// Drops the argument.
    fn __clone_arrived(self) -> NoValue<U>
    where
        U: Sized;
}

impl<U: Receive + ?Sized> OrNothingArrived<U> for &Arrived<U> {
    fn __share_arrived(self) -> NothingArrived<U> {
        NothingArrived(PhantomData)
    }

    fn __clone_arrived(self) -> NoValue<U>
    where
        U: Sized,
    {
        NoValue::new()
    }
}

/// An argument for all calls, which borrow it. The clones of this share it.
pub struct SharedArrived<U: Receive + ?Sized>(Arc<U::Owned>);

impl<U: Receive + ?Sized> SharedArrived<U> {
    /// Borrows the argument for one call.
    #[inline]
    #[must_use]
    pub fn for_one_call(&self) -> &U {
        U::of_owned(&self.0)
    }
}

impl<U: Receive + ?Sized> Clone for SharedArrived<U> {
    fn clone(&self) -> Self {
        SharedArrived(Arc::clone(&self.0))
    }
}

/// An argument that is cloned for each call. The clones of this share it.
pub struct ClonedArrived<T>(Arc<T>);

impl<T: Clone> ClonedArrived<T> {
    /// Clones the argument for one call.
    #[inline]
    #[must_use]
    pub fn for_one_call(&self) -> T {
        T::clone(&self.0)
    }
}

impl<T> Clone for ClonedArrived<T> {
    fn clone(&self) -> Self {
        ClonedArrived(Arc::clone(&self.0))
    }
}

/// The place of a borrowed argument in code that does not compile.
pub struct NothingArrived<U: ?Sized>(PhantomData<fn(&U)>);

impl<U: ?Sized> NothingArrived<U> {
    /// Never runs.
    #[must_use]
    pub fn for_one_call(&self) -> &U {
        unreachable!("the crate does not compile")
    }
}

impl<U: ?Sized> Clone for NothingArrived<U> {
    fn clone(&self) -> Self {
        NothingArrived(PhantomData)
    }
}

/// The items of type `X`, the results of type `R` and the states of type `K` of a call in another
/// process.
#[allow(clippy::type_complexity)] // As plain as such a type can be.
pub struct Shipment<X, R, K>(PhantomData<fn() -> (X, R, K)>);

impl<X, R, K> Shipment<X, R, K> {
    /// Creates the description of the types.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)] // Only for generated code.
    pub fn new() -> Self {
        Shipment(PhantomData)
    }
}

/// Running the items of a call in another process.
pub trait RunShipment<X, R, K> {
    /// Returns what runs a chunk.
    #[doc(hidden)]
    fn __open<F>(
        &self,
        memory: &'static Memory,
        threads: Option<usize>,
        decode: Decode<X>,
        encode: Encode<R>,
        f: F,
    ) -> Result<Job, WireError>
    where
        F: Apply<X, Output = R, State = K> + Send + Sync + 'static;
}

impl<X, R, K> RunShipment<X, R, K> for Shipment<X, R, K>
where
    X: Send + 'static,
    R: Send + 'static,
    K: Send + 'static,
{
    fn __open<F>(
        &self,
        memory: &'static Memory,
        threads: Option<usize>,
        decode: Decode<X>,
        encode: Encode<R>,
        f: F,
    ) -> Result<Job, WireError>
    where
        F: Apply<X, Output = R, State = K> + Send + Sync + 'static,
    {
        let call = OpenCall::new(memory, threads, decode, encode, f);
        Ok(Box::new(move |chunk| call.run(chunk)))
    }
}

/// The fallback for types that are not `Send`, which the parallel function reports.
pub trait OrNoShipment<X, R, K> {
    /// Never runs.
    #[doc(hidden)]
    fn __open<F>(
        &self,
        memory: &'static Memory,
        threads: Option<usize>,
        decode: Decode<X>,
        encode: Encode<R>,
        f: F,
    ) -> Result<Job, WireError>;
}

impl<X, R, K> OrNoShipment<X, R, K> for &Shipment<X, R, K> {
    fn __open<F>(
        &self,
        _: &'static Memory,
        _: Option<usize>,
        _: Decode<X>,
        _: Encode<R>,
        _: F,
    ) -> Result<Job, WireError> {
        unreachable!("the crate does not compile")
    }
}

#[cfg(test)]
mod tests {
    // The section of an entry of the registry. In other crates, the lint does not look into it.
    #![allow(unsafe_code)]
    // The functions take what such functions may take.
    #![allow(clippy::needless_pass_by_value, clippy::ptr_arg)]

    use crate::distributed::answer::{Answer, RemotePanic};
    use crate::distributed::registry::{Chunk, Entry, Job, PARALLELIZE_FUNCTIONS_0_1, find};
    use crate::distributed::wire::{Number, WireError, decode, encode, encode_numbers};
    use crate::lazy::item_token::ItemToken;
    use crate::parallelize;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    /// Neither `Clone` nor `Default`.
    #[derive(Serialize, Deserialize)]
    struct Table {
        rows: Vec<Vec<f64>>,
    }

    #[parallelize(over = row, distributed, crate = crate)]
    fn weigh(row: &[f64], unit: &str, table: &Table, shift: u32, factors: Vec<f32>) -> f64 {
        assert!(!row.is_empty(), "no numbers in {unit}");
        let sum: f64 = row.iter().chain(&table.rows[0]).sum();
        (sum + f64::from(shift)) * f64::from(factors[0])
    }

    static CREATED: AtomicUsize = AtomicUsize::new(0);

    fn create(width: usize) -> Vec<usize> {
        CREATED.fetch_add(1, Ordering::Relaxed);
        vec![0; width]
    }

    #[parallelize(
        over = zip(word, number),
        per_item(seed = |i| i * width),
        per_thread(counts = create(width)),
        cancel = token,
        catch_panics,
        distributed,
        crate = crate
    )]
    fn count(
        word: &str,
        number: u8,
        seed: usize,
        counts: &mut Vec<usize>,
        width: usize,
        token: &ItemToken,
    ) -> Option<Vec<usize>> {
        assert!(!token.is_cancelled() && counts.len() == width);
        counts[0] += 1;
        if word == "panic" {
            counts[0] = 1000;
            panic!("literal");
        }
        // Items that take some time run on several threads.
        std::thread::sleep(Duration::from_micros(300));
        (number > 0).then(|| vec![word.len(), usize::from(number), seed, usize::from(counts[0] > 100)])
    }

    /// A value that has bytes in one direction only.
    #[derive(Clone, Debug, PartialEq)]
    enum Fragile {
        Fine,
        NotSent,
    }

    impl Serialize for Fragile {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Fragile::Fine => serializer.serialize_u8(7),
                Fragile::NotSent => serializer.collect_seq((0..3).filter(|number| number % 2 == 0)),
            }
        }
    }

    impl<'de> Deserialize<'de> for Fragile {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            match u8::deserialize(deserializer)? {
                7 => Ok(Fragile::Fine),
                8 => Ok(Fragile::NotSent),
                9 => panic!("nine"),
                _ => Err(serde::de::Error::custom("another number")),
            }
        }
    }

    #[parallelize(over = x, distributed, crate = crate)]
    fn pass(x: Fragile) -> Fragile {
        x
    }

    #[parallelize(over = zip(x, text), distributed, crate = crate)]
    fn pass_both(x: Fragile, text: &str) -> String {
        assert_eq!(x, Fragile::Fine);
        text.to_owned()
    }

    fn entry(name: &str) -> &'static Entry {
        let path = format!("{}::{name}", module_path!());
        PARALLELIZE_FUNCTIONS_0_1.iter().find(|entry| entry.function.path == path).expect("a registered function")
    }

    #[parallelize(over = x, distributed, crate = crate)]
    fn pass_beside(x: u32, r#type: &Fragile, other: Fragile) -> u32 {
        assert!(*r#type == Fragile::Fine && other == Fragile::Fine);
        x
    }

    #[test]
    fn an_argument_that_cannot_be_received_is_named() {
        let error = |values: &[u8]| match open("pass_beside", &bytes_of(values)) {
            Ok(_) => panic!("no error"),
            Err(error) => error.to_string(),
        };
        assert!(error(&[6, 7]).starts_with("the argument `type` cannot be sent to other processes: its "));
        assert!(error(&[7, 6]).starts_with("the argument `other` cannot be sent to other processes: its "));
    }

    fn open(name: &str, fixed: &[u8]) -> Result<Job, WireError> {
        (entry(name).open)(fixed, Some(2))
    }

    #[test]
    fn the_function_runs_with_what_arrives() {
        let table = Table { rows: vec![vec![0.5, 0.25]] };
        let factors = vec![2.0, 3.0];
        let mut fixed = Vec::new();
        encode("kg", &mut fixed).expect("bytes");
        encode(&table, &mut fixed).expect("bytes");
        7_u32.append(&mut fixed);
        encode_numbers(&factors, &mut fixed);
        let job = open("weigh", &fixed).expect("a call");
        for items in [0, 1, 100] {
            let rows: Vec<Vec<f64>> = (0..items).map(|item| vec![0.25; item % 3]).collect();
            let mut bytes = Vec::new();
            for row in &rows {
                encode_numbers(row, &mut bytes);
            }
            let answer = job(Chunk { items: rows.len(), bytes: &bytes });
            let Answer { items, panics, mut results } = Answer::decode(&answer).expect("an answer");
            assert_eq!(items, rows.len());
            for (place, row) in rows.iter().enumerate() {
                if row.is_empty() {
                    assert!(panics.contains(&(place, RemotePanic::Message("no numbers in kg".to_owned()))));
                } else {
                    let result = f64::take(&mut results).expect("a result");
                    assert_eq!(result.to_bits(), weigh(row, "kg", &table, 7, factors.clone()).to_bits());
                }
            }
            assert!(results.is_empty());
            assert_eq!(panics.len(), rows.iter().filter(|row| row.is_empty()).count());
        }
        // Without all arguments, there is no call.
        assert!((0..fixed.len()).all(|end| open("weigh", &fixed[..end]).is_err()));
    }

    #[test]
    fn indices_travel_and_states_stay() {
        let mut fixed = Vec::new();
        3_usize.append(&mut fixed);
        let job = open("count", &fixed).expect("a call");
        for first in [0, 40, 80] {
            let mut bytes = Vec::new();
            for index in first..first + 40 {
                index.append(&mut bytes);
                encode(if index % 40 == 7 { "panic" } else { "word" }, &mut bytes).expect("bytes");
                u8::from(index % 2 == 0).append(&mut bytes);
            }
            let answer = job(Chunk { items: 40, bytes: &bytes });
            let Answer { panics, mut results, .. } = Answer::decode(&answer).expect("an answer");
            assert_eq!(panics, [(7, RemotePanic::Literal("literal".to_owned()))]);
            for index in (first..first + 40).filter(|index| index % 40 != 7) {
                let result: Option<Vec<usize>> = decode(&mut results).expect("a result");
                // The last number says that no item gets what a panic has left behind.
                assert_eq!(result, (index % 2 == 0).then(|| vec![4, 1, 3 * index, 0]), "{index}");
            }
        }
        // Of two threads, and a new one after each panic.
        let created = CREATED.load(Ordering::Relaxed);
        assert!((1..=5).contains(&created), "{created} values for three chunks");
    }

    /// Returns the panics of a chunk by their places, and the bytes of the results.
    fn run(job: &Job, items: usize, bytes: &[u8]) -> (Vec<(usize, String)>, Vec<u8>) {
        let answer = job(Chunk { items, bytes });
        let Answer { panics, results, .. } = Answer::decode(&answer).expect("an answer");
        let text = |panic| if let RemotePanic::Message(text) = panic { text } else { format!("{panic:?}") };
        (panics.into_iter().map(|(place, panic)| (place, text(panic))).collect(), results.to_vec())
    }

    fn bytes_of(values: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for value in values {
            encode(value, &mut bytes).expect("bytes");
        }
        bytes
    }

    #[test]
    fn what_cannot_travel_is_a_panic_of_its_item() {
        let job = open("pass", &[]).expect("a call");
        let (panics, results) = run(&job, 3, &bytes_of(&[7, 8, 7]));
        assert_eq!((panics.len(), results), (1, bytes_of(&[7, 7])));
        assert!(panics[0].0 == 1 && panics[0].1.starts_with("the result of this item cannot be sent back: "));
        // The next items arrive.
        for (wrong, text) in [(6, "its `Deserialize` returns an error"), (9, "nine")] {
            let (panics, results) = run(&job, 4, &bytes_of(&[7, wrong, 7, 7]));
            assert_eq!((panics.len(), results), (1, bytes_of(&[7, 7, 7])));
            assert_eq!(panics[0].0, 1);
            assert!(panics[0].1.starts_with("this item cannot be received: "), "{panics:?}");
            assert!(panics[0].1.contains(text), "{panics:?}");
        }
    }

    #[test]
    fn an_item_of_several_values_that_cannot_travel_is_left_out() {
        let job = open("pass_both", &[]).expect("a call");
        let mut bytes = Vec::new();
        for (x, number) in [(7, 1), (6, 2), (9, 3), (7, 4)] {
            bytes.extend(bytes_of(&[x]));
            encode(&u32::to_string(&number), &mut bytes).expect("bytes");
        }
        let (panics, results) = run(&job, 4, &bytes);
        assert_eq!(panics.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 2]);
        let mut results = &results[..];
        assert_eq!([(); 2].map(|()| decode::<String>(&mut results).expect("a result")), ["1", "4"]);
    }

    #[test]
    fn functions_differ() {
        let functions: Vec<_> = ["weigh", "count", "pass"].map(entry).iter().map(|entry| entry.function).collect();
        assert!(functions[0] != functions[1] && functions[1] != functions[2]);
        assert!(functions.iter().all(|function| function.line > 0 && function.column > 0));
        assert_ne!(entry("weigh").function.code, entry("count").function.code);
    }

    #[test]
    fn functions_at_one_place_differ() {
        macro_rules! twins {
            ($($name:ident $shift:literal)+) => {
                $(fn $name(numbers: Vec<u32>) -> Vec<u32> {
                    #[parallelize(over = x, distributed, crate = crate)]
                    fn shifted(x: u32) -> u32 {
                        x + $shift
                    }
                    shifted_parallel(numbers)
                })+
            };
        }
        twins!(by_one 1 by_two 2);
        assert_eq!((by_one(vec![1]), by_two(vec![1])), (vec![2], vec![3]));
        let path = format!("{}::shifted", module_path!());
        let is_twin = |entry: &&Entry| entry.function.path == path;
        let twins: Vec<_> = PARALLELIZE_FUNCTIONS_0_1.iter().filter(is_twin).collect();
        assert!(twins.len() == 2 && twins[0].function != twins[1].function);
        assert!(twins.iter().all(|twin| std::ptr::eq(find(twin.function).expect("itself"), *twin)));
    }
}
