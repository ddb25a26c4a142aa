//! A fast hash of bytes that finds accidental changes.

/// An odd number with as many ones as zeros in no order.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A hash to which words are added. It does not depend on the machine, because it is kept in files.
/// It is no protection against an attacker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mix(u64);

impl Mix {
    pub(super) const fn new(seed: u64) -> Self {
        Mix(seed ^ FACTOR)
    }

    #[inline]
    pub(super) fn word(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(FACTOR);
        #[allow(clippy::cast_possible_truncation, reason = "both halves are used")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        // A product of zero would forget all words before it.
        self.0 = (low ^ high).wrapping_add(FACTOR);
    }

    /// Adds bytes and their number.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
        self.word(bytes.len() as u64);
    }

    /// Returns the hash, in which every bit depends on every word.
    pub(super) fn finish(mut self) -> u64 {
        self.word(0);
        self.word(0);
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Mix;

    fn hash(bytes: &[u8]) -> u64 {
        let mut mix = Mix::new(0);
        mix.bytes(bytes);
        mix.finish()
    }

    #[test]
    fn every_bit_and_the_length_count() {
        let text: Vec<u8> = (0..45).collect();
        let expected = hash(&text);
        for bit in 0..text.len() * 8 {
            let mut changed = text.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // Half of the hash is enough to tell.
            assert_ne!(hash(&changed) >> 32, expected >> 32, "bit {bit}");
            assert_ne!(hash(&changed) << 32, expected << 32, "bit {bit}");
        }
        assert_ne!(hash(&[0; 3]), hash(&[0; 4]));
        assert_ne!(hash(&[0; 8]), hash(&[0; 16]));
    }

    #[test]
    fn files_depend_on_its_values() {
        // Those of the first version of the format.
        assert_eq!(hash(b""), 4_820_712_352_529_501_869);
        assert_eq!(hash(b"the result of a simulation"), 4_136_559_438_289_999_083);
    }
}
