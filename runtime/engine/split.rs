//! Splitting inputs of known types: ranges, and slices whose items are copied. A part of such an
//! input is another iterator of the same type, so no item is pulled before it runs, and the
//! compiler can vectorize the loop over the part.
#![allow(unsafe_code)]

use std::any::TypeId;
use std::iter::{Copied, Rev};
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::ops::{Range, RangeInclusive};
use std::{ptr, slice};

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

/// Returns whether the type of an input is known, so that it is never code of the user.
#[inline]
pub(crate) fn is_known<I: Iterator>() -> bool {
    macro_rules! is_one_of {
        ($($known:ty),*) => {
            if $(erased::<I>() == erased::<$known>())||* {
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
pub(crate) fn copy_of<I: Iterator>(input: &I) -> Option<I> {
    macro_rules! copy_if {
        ($($known:ty),*) => {
            $(if erased::<I>() == erased::<$known>() {
                return Some(clone_as::<I, $known>(input));
            })*
        };
    }
    for_known_types!(copy_if, I::Item);
    None
}

/// Removes the first `count` items of an input that `copy_of` can copy, and returns an iterator
/// that begins with them.
#[inline]
pub(crate) fn split_front<I: Iterator>(input: &mut I, count: usize) -> Option<I> {
    let front = copy_of(input)?;
    if count > 0 {
        input.nth(count - 1);
    }
    Some(front)
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
    // lifetimes of `input`, from which it was cloned. It is read once and never dropped. The items
    // of `Copied<slice::Iter<T>>` are `Copy` because `I` is an `Iterator`, whose bounds the caller
    // has proven for the lifetimes of `I`.
    unsafe { ptr::from_ref(&copy).cast::<I>().read() }
}

#[cfg(test)]
mod tests {
    use super::{copy_of, split_front};
    use std::iter::Copied;

    /// Checks that splitting at each place yields the items of `input`.
    #[allow(clippy::needless_pass_by_value)] // Shorter to call.
    fn check<I: Iterator<Item: PartialEq + std::fmt::Debug> + Clone>(input: I) {
        let count = input.clone().count();
        for first in 0..=count {
            for second in 0..=count - first {
                let mut rest = input.clone();
                let front = split_front(&mut rest, first).expect("a known type").take(first);
                let middle = split_front(&mut rest, second).expect("a known type").take(second);
                assert!(front.chain(middle).chain(rest).eq(input.clone()), "{first} and {second} of {count} items");
            }
        }
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
    }

    #[test]
    fn other_inputs_are_not_known() {
        assert!(copy_of(&(0..3).filter(|_| true)).is_none());
        assert!(copy_of(&(0..3).map(|x| x + 1)).is_none());
        assert!(copy_of(&[1, 2].iter()).is_none());
        assert!(copy_of(&vec![1, 2].into_iter()).is_none());
        assert!(copy_of(&[1, 2].iter().copied().enumerate()).is_none());
        assert!(copy_of(&[1, 2].iter().copied().fuse()).is_none());
    }

    #[test]
    fn lifetimes_are_kept() {
        fn first<'a>(words: &Copied<std::slice::Iter<'_, &'a str>>) -> Option<&'a str> {
            copy_of(words)?.next()
        }
        let text = String::from("word");
        let word = {
            let words = [text.as_str()];
            first(&words.iter().copied())
        };
        assert_eq!(word, Some("word"));
    }
}
