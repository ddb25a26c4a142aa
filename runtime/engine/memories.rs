//! The memories of closures, which have no `static` of their own.

use crate::engine::memory::Memory;
use crate::input::split::erased;
use std::any::{TypeId, type_name};
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

/// Number of lists of memories. A program with fewer closures than this seldom has two in a list.
const LISTS: usize = 128;

/// The memories of all closures. It grows once per type of closure and never shrinks.
///
/// A generic function cannot have a `static` per type parameter, so the key is the type. Each
/// closure in the source code has a type of its own, and another one for each instance of the
/// generic function around it. The key is thus at least as fine as the place of the call, which a
/// function that passes a closure on would have to forward. The address of a function is no key,
/// because the linker may give one address to equal functions. Function pointers and trait objects
/// of one type share a memory. It then holds for all of them, as for a function whose items differ.
static MEMORIES: [Place; LISTS] = [const { OnceLock::new() }; LISTS];

/// The place of a memory at the end of a list.
type Place = OnceLock<Box<Entry>>;

struct Entry {
    closure: TypeId,
    memory: Memory,
    next: Place,
}

/// Returns the memory of the closures of type `F`, without its lifetimes.
#[inline]
pub(crate) fn memory_of<F>() -> &'static Memory {
    find(erased::<F>(), type_name::<F>())
}

/// Returns the memory of a closure type, and creates it for the first call.
///
/// Reads only, except for the first call. A thread waits here only while another one allocates.
fn find(closure: TypeId, name: &'static str) -> &'static Memory {
    let mut place = &MEMORIES[list_of(closure)];
    loop {
        let create = || Box::new(Entry { closure, memory: Memory::new(name), next: OnceLock::new() });
        let entry = place.get_or_init(create);
        if entry.closure == closure {
            return &entry.memory;
        }
        place = &entry.next;
    }
}

/// Returns the number of the list of a closure type.
#[allow(clippy::cast_possible_truncation)] // Any bits will do.
fn list_of(closure: TypeId) -> usize {
    let mut bits = Bits(0);
    closure.hash(&mut bits);
    bits.0 as usize % LISTS
}

/// The bits of a type id, which is a hash already.
struct Bits(u64);

impl Hasher for Bits {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |bits, byte| bits.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, bits: u64) {
        self.0 = bits;
    }
}

#[cfg(test)]
mod tests {
    use super::{LISTS, find, memory_of};
    use crate::engine::memory::Memory;
    use std::any::{Any, TypeId};
    use std::ptr;
    use std::thread;

    fn memory<F: Fn()>(_: &F) -> &'static Memory {
        memory_of::<F>()
    }

    #[test]
    fn each_closure_has_a_memory() {
        let text = String::from("text");
        let closure = |length: usize| move || assert_eq!(length, 4);
        let (first, second, other) = (closure(text.len()), closure(4), || assert_eq!(text, "text"));
        assert!(ptr::eq(memory(&first), memory(&second)), "one type");
        assert!(!ptr::eq(memory(&first), memory(&other)), "two types");
        assert!(memory(&other).function().ends_with("{{closure}}"), "{}", memory(&other).function());
    }

    #[test]
    fn instances_of_a_generic_function_have_memories() {
        fn instance<T: Any + Copy + Sync>(value: T) -> &'static Memory {
            memory(&|| assert!(size_of_val(&value) > 0))
        }
        assert!(ptr::eq(instance(1_u8), instance(2_u8)));
        assert!(!ptr::eq(instance(1_u8), instance(1_u16)));
    }

    /// Returns the ids of `16 * COUNT` types.
    fn ids<const COUNT: usize>() -> Vec<TypeId> {
        macro_rules! arrays {
            ($($length:literal)+) => { vec![$(TypeId::of::<[[u8; $length]; COUNT]>()),+] };
        }
        arrays!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    }

    #[test]
    fn types_in_one_list_are_kept_apart_by_all_threads() {
        macro_rules! all {
            ($($count:literal)+) => { [$(ids::<$count>()),+].concat() };
        }
        let ids = all!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20);
        assert!(ids.len() > 2 * LISTS, "some lists are longer than one");
        let addresses = || ids.iter().map(|id| ptr::from_ref(find(*id, "f")).addr()).collect::<Vec<_>>();
        let found: Vec<Vec<usize>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(addresses)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(found.iter().all(|addresses| *addresses == found[0]));
        let mut distinct = found[0].clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), ids.len());
    }
}
