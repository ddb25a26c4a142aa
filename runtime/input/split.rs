//! Splitting inputs of known types: ranges and slices. A part of such an input is another iterator
//! of the same type, so no item is pulled before it runs, and the compiler can vectorize the loop
//! over the part.
#![allow(unsafe_code)]

use std::any::TypeId;
use std::iter::{Copied, Rev};
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::ops::{Range, RangeInclusive};
use std::{ptr, slice, vec};

/// Calls `$then!` with each known type whose items have the type `$item`.
macro_rules! for_known_types {
    ($then:ident, $item:ty) => {
        for_known_types! { $then, u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize char }
        $then! { Copied<slice::Iter<'_, $item>>, Rev<Copied<slice::Iter<'_, $item>>> }
    };
    ($then:ident, $($number:ident)+) => {
        $($then! { Range<$number>, RangeInclusive<$number>, Rev<Range<$number>> })+
    };
}

/// Calls `$then!` with each known type whose items are references to `$value`, or to slices of it.
macro_rules! for_known_references {
    ($then:ident, $value:ty) => {
        $then! {
            slice::Iter<'_, $value>, Rev<slice::Iter<'_, $value>>,
            slice::Chunks<'_, $value>, slice::ChunksExact<'_, $value>, slice::Windows<'_, $value>
        }
    };
}

/// Calls `$then!` with the types of values whose slices are recognized without a hint of the macro:
/// numbers, because functions of them are cheap, and strings, because slices of them are common.
macro_rules! for_common_values {
    ($then:ident) => {
        $then! {
            u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize,
            f32, f64, bool, char, String, &str
        }
    };
}

/// Maximum size of the items of an input that is split, in bytes. Each loop over the items of one
/// more kind of input has a place for an item on the stack, which large items would overflow.
const MAX_SPLIT_ITEM_BYTES: usize = 4096;

/// Returns whether the items of an input are small enough for it to be split.
pub(crate) const fn has_small_items<I: Iterator>() -> bool {
    size_of::<I::Item>() <= MAX_SPLIT_ITEM_BYTES
}

/// Returns whether an input has the layout of the iterator of a `Vec`. Unlike a comparison of type
/// ids, this can be a constant, and code under a constant that is false is never compiled.
///
/// On some targets this is the layout of ranges of the largest integers, such as `Range<u64>` on
/// i686. Those are not split there.
pub(crate) const fn has_vec_layout<I>() -> bool {
    has_same_layout::<I, vec::IntoIter<()>>()
}

/// Returns whether an input may have a [`Splitter`]. Can be a constant.
pub(crate) const fn may_have_splitter<I: Iterator>() -> bool {
    has_small_items::<I>() && !has_vec_layout::<I>()
}

const fn has_same_layout<A, B>() -> bool {
    size_of::<A>() == size_of::<B>() && align_of::<A>() == align_of::<B>()
}

/// Returns whether the type of an input is known, so that it is never code of the user.
#[inline]
fn is_known<I: Iterator>() -> bool {
    macro_rules! is_one_of {
        ($($known:ty),*) => {
            if $(const { has_same_layout::<I, $known>() } && erased::<I>() == erased::<$known>())||* {
                return true;
            }
        };
    }
    for_known_types!(is_one_of, I::Item);
    false
}

/// Returns another iterator over the items of `input`, if the type of `input` is known. Neither
/// that nor using both iterators runs code of the user.
#[inline]
fn copy_of<I: Iterator>(input: &I) -> Option<I> {
    macro_rules! copy_if {
        ($($known:ty),*) => {
            $(if const { has_same_layout::<I, $known>() } && erased::<I>() == erased::<$known>() {
                return Some(clone_as::<I, $known>(input));
            })*
        };
    }
    for_known_types!(copy_if, I::Item);
    None
}

/// Returns another iterator over the items of `input`, if it yields references to values of type
/// `U`, or slices of them, and its type is known.
#[inline]
fn copy_of_references<I: Iterator, U>(input: &I) -> Option<I> {
    macro_rules! copy_if {
        ($($known:ty),*) => {
            $(if const { has_same_layout::<I, $known>() } && erased::<I>() == erased::<$known>() {
                return Some(clone_as::<I, $known>(input));
            })*
        };
    }
    for_known_references!(copy_if, U);
    None
}

/// How an input of a known type is split.
pub(crate) struct Splitter<I> {
    /// Removes the first items of the input, and returns an iterator that begins with them.
    split_front: fn(&mut I, usize) -> I,
}

impl<I> Clone for Splitter<I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I> Copy for Splitter<I> {}

impl<I: Iterator> Splitter<I> {
    /// Returns how an input is split whose type is known, given the type of its items.
    #[inline]
    pub(crate) fn of_items() -> Option<Self> {
        if const { may_have_splitter::<I>() } && is_known::<I>() {
            return Some(Splitter { split_front: |input, count| take_front(input, count, copy_of) });
        }
        None
    }

    /// Returns how an input is split whose type is known, given that its items are references to
    /// values of type `U`, or to slices of them.
    #[inline]
    pub(crate) fn of_references<U>() -> Option<Self> {
        Self::of_slices::<U>().or_else(Self::of_items)
    }

    /// Returns how an input is split whose type is known, given nothing else.
    ///
    /// The type behind a reference cannot be found out, so common types are tried.
    #[inline]
    pub(crate) fn guess() -> Option<Self> {
        macro_rules! or_slices {
            ($($value:ty),+) => { Self::of_items()$(.or_else(Self::of_slices::<$value>))+ };
        }
        for_common_values!(or_slices)
    }

    /// Returns how an input is split that iterates over a slice of values of type `U`.
    #[inline]
    fn of_slices<U>() -> Option<Self> {
        macro_rules! splitter_if {
            ($($known:ty),*) => {
                if $(const { has_same_layout::<I, $known>() } && erased::<I>() == erased::<$known>())||* {
                    return Some(Splitter {
                        split_front: |input, count| take_front(input, count, copy_of_references::<I, U>),
                    });
                }
            };
        }
        if const { may_have_splitter::<I>() } {
            for_known_references!(splitter_if, U);
        }
        None
    }

    /// Returns how an input is split that can split itself, unless its layout is that of a `Vec`.
    ///
    /// `split_front` removes the first items of the input, and returns an iterator that begins with
    /// them. It must not run code of the user.
    pub(crate) fn new(split_front: fn(&mut I, usize) -> I) -> Option<Self> {
        may_have_splitter::<I>().then_some(Splitter { split_front })
    }

    /// Removes the first `count` items of `input`, and returns an iterator that begins with them.
    #[inline]
    pub(crate) fn split_front(self, input: &mut I, count: usize) -> I {
        (self.split_front)(input, count)
    }
}

/// Removes the first `count` items of `input`, and returns the copy that was made before.
#[inline]
fn take_front<I: Iterator>(input: &mut I, count: usize, copy_of: fn(&I) -> Option<I>) -> I {
    let Some(front) = copy_of(input) else { unreachable!("the type of the input is known") };
    if count > 0 {
        input.nth(count - 1);
    }
    front
}

/// An input, and how it is split if its type is known.
pub struct Input<I> {
    pub(crate) items: I,
    pub(crate) splitter: Option<Splitter<I>>,
}

impl<I> Input<I> {
    /// Returns an input that is not split.
    pub(crate) fn unknown(items: I) -> Self {
        Input { items, splitter: None }
    }

    /// Removes the first `count` items, and returns an input that begins with them; `None`, without
    /// a change, if the type of the input is not known.
    pub(crate) fn split_front(&mut self, count: usize) -> Option<Self>
    where
        I: Iterator,
    {
        let splitter = self.splitter?;
        Some(Input { items: splitter.split_front(&mut self.items, count), splitter: Some(splitter) })
    }
}

/// Returns the id of a type. Types that differ only in lifetimes have the same.
#[inline]
pub(crate) fn erased<T: ?Sized>() -> TypeId {
    trait Erased {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }
    impl<T: ?Sized> Erased for PhantomData<T> {
        #[inline]
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }
    let phantom = PhantomData::<T>;
    // SAFETY: The two types differ only in a lifetime. The method that is called reads nothing of
    // `phantom`, and returns nothing that borrows.
    let phantom = unsafe { mem::transmute::<&dyn Erased, &(dyn Erased + 'static)>(&phantom) };
    phantom.id()
}

/// Clones an input whose type is `Known`, except for lifetimes.
#[inline]
fn clone_as<I, Known: Clone>(input: &I) -> I {
    assert!(erased::<I>() == erased::<Known>(), "the types differ");
    // SAFETY: The types differ at most in lifetimes, as checked above, so they have one layout. The
    // reference is used for `clone` only. The `clone` of these types of std copies their fields.
    // It does not depend on lifetimes.
    let known = unsafe { &*ptr::from_ref(input).cast::<Known>() };
    let copy = ManuallyDrop::new(known.clone());
    // SAFETY: `copy` has the type `Known`, so it can be read as an `I` like above. It gets back the
    // lifetimes of `input`, from which it was cloned. It is read once and never dropped. What its
    // items must satisfy, such as `Copy` for `Copied`, the caller has proven for the lifetimes of
    // `I`, because `I` is an `Iterator`.
    unsafe { ptr::from_ref(&copy).cast::<I>().read() }
}

#[cfg(test)]
mod tests {
    use super::Splitter;
    use std::fmt::Debug;
    use std::iter::Copied;

    /// Checks that splitting at each place yields the items of `input`.
    #[allow(clippy::needless_pass_by_value)] // Shorter to call.
    fn check_with<I: Iterator<Item: PartialEq + Debug> + Clone>(input: I, splitter: Option<Splitter<I>>) {
        let splitter = splitter.expect("a known type");
        let count = input.clone().count();
        for first in 0..=count {
            for second in 0..=count - first {
                let mut rest = input.clone();
                let front = splitter.split_front(&mut rest, first).take(first);
                let middle = splitter.split_front(&mut rest, second).take(second);
                assert!(front.chain(middle).chain(rest).eq(input.clone()), "{first} and {second} of {count} items");
            }
        }
    }

    fn check<I: Iterator<Item: PartialEq + Debug> + Clone>(input: I) {
        check_with(input, Splitter::of_items());
    }

    fn check_references<U, I: Iterator<Item: PartialEq + Debug> + Clone>(input: I) {
        check_with(input, Splitter::of_references::<U>());
    }

    #[test]
    fn known_inputs_are_split_anywhere() {
        check(0..0);
        check(3..9_u8);
        check(-3..4_i128);
        check('a'..'g');
        check(250..=255_u8);
        check((0..6_usize).rev());
        let strings = ["a", "b", "c", "d", "e"].map(str::to_owned);
        let borrowed: Vec<&str> = strings.iter().map(String::as_str).collect();
        check(borrowed.iter().copied());
        check(borrowed.iter().copied().rev());
        check([(); 4].iter().copied());
        check_references::<String, _>(strings.iter());
        check_references::<&str, _>(borrowed.iter().rev());
        check_references::<String, _>(strings.chunks(2));
        check_references::<String, _>(strings.chunks_exact(2));
        check_references::<String, _>(strings.windows(2));
        check_references::<String, _>(0..5);
    }

    #[test]
    fn slices_of_common_values_are_guessed() {
        check_with([1.5, 2.5].iter(), Splitter::guess());
        check_with([true, false].iter().rev(), Splitter::guess());
        check_with(["a", "b", "c"].iter(), Splitter::guess());
        check_with([1, 2, 3].chunks(2), Splitter::guess());
        check_with(0..5, Splitter::guess());
        assert!(Splitter::<std::slice::Iter<'_, Vec<u8>>>::guess().is_none());
    }

    #[test]
    fn other_inputs_are_not_known() {
        fn is_known<I: Iterator>(_: &I) -> bool {
            Splitter::<I>::of_items().is_some() || Splitter::<I>::of_references::<i32>().is_some()
        }
        assert!(is_known(&[1, 2].iter()));
        assert!(!is_known(&(0..3).filter(|_| true)));
        assert!(!is_known(&(0..3).map(|x| x + 1)));
        assert!(!is_known(&[1_u8, 2].iter()));
        assert!(!is_known(&[1, 2].iter_mut()));
        assert!(!is_known(&vec![1, 2].into_iter()));
        assert!(!is_known(&[1, 2].iter().copied().enumerate()));
        assert!(!is_known(&[1, 2].iter().copied().fuse()));
    }

    #[test]
    fn lifetimes_are_kept() {
        fn first<'a>(mut words: Copied<std::slice::Iter<'_, &'a str>>) -> Option<&'a str> {
            Splitter::of_items()?.split_front(&mut words, 1).next()
        }
        let text = String::from("word");
        let word = {
            let words = [text.as_str()];
            first(words.iter().copied())
        };
        assert_eq!(word, Some("word"));
    }
}
