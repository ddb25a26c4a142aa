//! What processes say to each other.

use crate::distributed::registry::Function;
use crate::distributed::transport::Letter;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the first process says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Order<'a> {
    /// A call begins. The body has its fixed arguments.
    Open {
        call: u64,
        #[serde(borrow)]
        function: Function<'a>,
        threads: Option<usize>,
    },
    /// The body has items to run. With `beside`, they run on a thread of their own, next to other
    /// chunks.
    Run { call: u64, chunk: u64, items: usize, beside: bool },
    /// Nothing more of the call is needed, not even chunks that wait. With `reply`, the other
    /// process answers with [`Report::Closed`] as soon as nothing of it runs.
    Close { call: u64, reply: bool },
    /// The run ends.
    Quit,
}

/// What the other processes say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Report {
    /// The first letter of a process. It stays the first variant with these fields in every version
    /// of the protocol. The body has the rest, which may change.
    Hello { protocol: u32, host: String },
    /// The body has what the items of the chunk returned. They took this time.
    Ran { call: u64, chunk: u64, nanos: u64 },
    /// The call cannot run in this process.
    Failed { call: u64, message: String },
    /// Nothing of the call runs any more.
    Closed { call: u64 },
}

/// The number of bytes at the end of a letter that have the length of its header.
const LENGTH_BYTES: usize = size_of::<u32>();

/// Creates a letter. The header comes last, so that large bodies are not moved.
pub(crate) fn seal(body: Vec<u8>, header: &impl Serialize) -> Letter {
    let start = body.len();
    let mut letter = postcard::to_extend(header, body).expect("headers are plain data");
    let length = u32::try_from(letter.len() - start).expect("headers are small");
    letter.extend(length.to_le_bytes());
    Arc::new(letter)
}

/// Returns the header and the body of a letter, or `None` if it is none.
pub(crate) fn open<'a, H: Deserialize<'a>>(letter: &'a [u8]) -> Option<(H, &'a [u8])> {
    let (letter, length) = letter.split_last_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (body, header) = letter.split_at_checked(letter.len().checked_sub(length)?)?;
    Some((postcard::from_bytes(header).ok()?, body))
}

/// Returns the header of a letter, and makes the letter its body.
pub(crate) fn unseal<H: DeserializeOwned>(letter: &mut Vec<u8>) -> Option<H> {
    let (header, body) = open(letter)?;
    let end = body.len();
    letter.truncate(end);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::{Order, Report, open, seal, unseal};
    use crate::distributed::registry::Function;

    fn orders() -> Vec<Order<'static>> {
        let function = Function { path: "model::simulate", file: "model.rs", line: 3, column: 1, code: u64::MAX };
        let empty = Function { path: "", file: "", line: 0, column: 0, code: 0 };
        vec![
            Order::Open { call: 7, function, threads: Some(4) },
            Order::Open { call: u64::MAX, function: empty, threads: None },
            Order::Run { call: 1, chunk: u64::MAX, items: usize::MAX, beside: true },
            Order::Close { call: 300, reply: true },
            Order::Quit,
        ]
    }

    #[test]
    fn letters_are_read_as_they_were_written() {
        for body in [vec![], vec![0], (0..=255).collect::<Vec<u8>>()] {
            for order in orders() {
                let letter = seal(body.clone(), &order);
                assert_eq!(open(&letter), Some((order, &body[..])));
            }
            for report in [
                Report::Hello { protocol: 1, host: "node7".to_owned() },
                Report::Ran { call: 1, chunk: 2, nanos: 3 },
                Report::Failed { call: 1, message: "no".to_owned() },
                Report::Closed { call: 9 },
            ] {
                let mut letter = seal(body.clone(), &report).to_vec();
                assert_eq!(unseal(&mut letter), Some(report));
                assert_eq!(letter, body);
            }
        }
    }

    #[test]
    fn what_is_no_letter_is_refused() {
        let letter = seal(Vec::new(), &orders()[0]);
        for end in 0..letter.len() {
            assert_eq!(open::<Order<'_>>(&letter[..end]), None, "{end}");
        }
        assert_eq!(open::<Order<'_>>(&[0xff; 40]), None);
    }

    #[test]
    fn a_body_is_not_copied() {
        let mut body = Vec::with_capacity(1 << 16);
        body.resize(1 << 15, 1_u8);
        let place = body.as_ptr();
        let letter = seal(body, &Order::Run { call: 1, chunk: 1, items: 1, beside: false });
        assert_eq!(letter.as_ptr(), place);
        assert_eq!(open::<Order<'_>>(&letter).expect("a letter").1.as_ptr(), place);
    }
}
