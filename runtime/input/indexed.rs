//! An iterator over items with their indices, which can be split if the items can.

use crate::input::split::{Input, Splitter};

/// An iterator over pairs of an index and an item.
pub struct Indexed<I> {
    input: Input<I>,
    /// The index of the next item.
    index: usize,
    /// Makes the iterator larger than that of a `Vec`, because an input with the layout of that one
    /// is taken for it.
    _larger_than_vec: [usize; 2],
}

impl<I: Iterator> Indexed<I> {
    /// Adds the indices to the items of `input`.
    pub fn new(input: Input<I>) -> Input<Self> {
        let splitter = input.splitter.and_then(|_| Splitter::new(Self::split_front));
        Input { items: Indexed { input, index: 0, _larger_than_vec: [0; 2] }, splitter }
    }

    fn split_front(&mut self, count: usize) -> Self {
        let Some(input) = self.input.split_front(count) else { unreachable!("the input can be split") };
        let front = Indexed { input, ..*self };
        self.index += count;
        front
    }
}

impl<I: Iterator> Iterator for Indexed<I> {
    type Item = (usize, I::Item);

    #[inline]
    fn next(&mut self) -> Option<(usize, I::Item)> {
        let item = self.input.items.next()?;
        let index = self.index;
        self.index += 1;
        Some((index, item))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.input.items.size_hint()
    }

    #[inline]
    fn fold<B, F: FnMut(B, (usize, I::Item)) -> B>(self, init: B, mut f: F) -> B {
        let mut index = self.index;
        self.input.items.fold(init, |folded, item| {
            let folded = f(folded, (index, item));
            index += 1;
            folded
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Indexed;
    use crate::input::split::{Input, Splitter};

    #[test]
    fn each_part_goes_on_with_its_indices() {
        let letters = Input { items: 'a'..='e', splitter: Splitter::of_items() };
        let mut rest = Indexed::new(letters);
        let front = rest.split_front(2).expect("a known type");
        assert!(front.items.take(2).eq([(0, 'a'), (1, 'b')]));
        assert_eq!(rest.items.size_hint(), (3, Some(3)));
        let all = rest.items.fold(Vec::new(), |mut all, item| {
            all.push(item);
            all
        });
        assert_eq!(all, [(2, 'c'), (3, 'd'), (4, 'e')]);
        assert!(Indexed::new(Input::unknown(0..3)).splitter.is_none());
    }

    #[test]
    fn items_of_every_layout_are_split() {
        // With a smaller iterator over pairs, one of these would be taken for a vector.
        fn is_split<I: Iterator>(items: I, splitter: Option<Splitter<I>>) -> bool {
            splitter.is_some() && Indexed::new(Input { items, splitter }).splitter.is_some()
        }
        assert!(is_split(0..3_u8, Splitter::of_items()));
        assert!(is_split(0..3_usize, Splitter::of_items()));
        assert!(is_split(0..=3_u64, Splitter::of_items()));
        assert!(is_split([1, 2].iter(), Splitter::of_references::<i32>()));
        assert!(is_split([1, 2].windows(2), Splitter::of_references::<i32>()));
    }
}
