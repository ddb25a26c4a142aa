//! Letters in a stream of bytes, each after its length.

use std::io::{self, BufRead, Read, Write};

/// The number of first bytes of a letter that are copied, to go out with its length.
const FIRST_BYTES: usize = 16 * 1024;

/// Writes a letter. Its length goes out with its first bytes, and the rest of it is not copied.
pub(crate) fn write(stream: &mut impl Write, letter: &[u8]) -> io::Result<()> {
    let (first, rest) = letter.split_at(letter.len().min(FIRST_BYTES));
    let length = (letter.len() as u64).to_le_bytes();
    // Not `write_vectored`: for a connection that has ended, it may raise SIGPIPE.
    stream.write_all(&[&length, first].concat())?;
    stream.write_all(rest)
}

/// Reads a letter, straight into the memory of the vector.
pub(crate) fn read(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut length = [0; size_of::<u64>()];
    stream.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let mut letter = Vec::new();
    letter.try_reserve_exact(usize::try_from(length).map_err(io::Error::other)?).map_err(io::Error::other)?;
    let read = stream.take(length).read_to_end(&mut letter)?;
    if read as u64 == length { Ok(letter) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use std::io::{self, Cursor, IoSlice, Write};

    /// Takes a few bytes at a time, as a connection may.
    struct Narrow(Vec<u8>);

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.extend(bytes.iter().take(3));
            Ok(bytes.len().min(3))
        }

        fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
            self.write(&parts.iter().flat_map(|part| part.iter().copied()).collect::<Vec<u8>>())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn letters_are_read_as_they_were_written() {
        let letters = [vec![], vec![7], (0..=255).collect(), vec![1; 5_000]];
        let mut stream = Narrow(Vec::new());
        for letter in &letters {
            write(&mut stream, letter).expect("a vector takes all");
        }
        let mut stream = Cursor::new(stream.0);
        for letter in &letters {
            let read = read(&mut stream).expect("a letter");
            assert_eq!(&read, letter);
            assert!(read.capacity() <= letter.len().max(1), "a letter of {} bytes", letter.len());
        }
        assert!(read(&mut stream).is_err());
    }

    #[test]
    fn a_letter_that_breaks_off_is_an_error() {
        let mut stream = Vec::new();
        write(&mut stream, &[1, 2, 3]).expect("a vector takes all");
        for end in 0..stream.len() {
            assert!(read(&mut &stream[..end]).is_err(), "{end}");
        }
        // No memory is asked for that nobody has.
        assert!(read(&mut &[0xff; 16][..]).is_err());
    }
}
