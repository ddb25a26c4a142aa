//! What comes back for a chunk: a result or a panic per item.

use crate::distributed::wire::{self, Number, WireError};
use crate::unwind::{Payload, discard};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// A panic in another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RemotePanic {
    /// The message of `panic!` without arguments, whose payload is a `&'static str`.
    Literal(String),
    /// A formatted message, whose payload is a `String`.
    Message(String),
    /// A payload of another type.
    Other,
}

/// What the items of a chunk returned, in input order: results as bytes, one after the other, and
/// the panics by their places in the chunk.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) items: usize,
    pub(crate) panics: Vec<(usize, RemotePanic)>,
    pub(crate) results: &'a [u8],
}

impl<'a> Answer<'a> {
    /// Encodes an answer with these results, behind which the rest follows. They may be large, so
    /// they are not copied.
    pub(crate) fn encode(items: usize, panics: &[(usize, RemotePanic)], results: Vec<u8>) -> Vec<u8> {
        let (end, mut bytes) = (results.len(), results);
        wire::encode(panics, &mut bytes).unwrap_or_else(|error| unreachable!("text is encoded: {error}"));
        items.append(&mut bytes);
        end.append(&mut bytes);
        bytes
    }

    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        let error = || WireError("it is not an answer".to_owned());
        let (bytes, mut numbers) =
            bytes.split_at_checked(bytes.len().wrapping_sub(2 * size_of::<usize>())).ok_or_else(error)?;
        let (items, end) = (usize::take(&mut numbers)?, usize::take(&mut numbers)?);
        let (results, mut panics) = bytes.split_at_checked(end).ok_or_else(error)?;
        let panics: Vec<(usize, RemotePanic)> = wire::decode(&mut panics)?;
        Ok(Answer { items, panics, results })
    }
}

/// The literal messages of panics in other processes, which stay in memory. A program has few.
static LITERALS: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);

impl RemotePanic {
    /// Describes a panic of this process, and drops its payload.
    pub(crate) fn of(payload: Payload) -> Self {
        let payload = match payload.downcast::<String>() {
            Ok(message) => return RemotePanic::Message(*message),
            Err(payload) => payload,
        };
        match payload.downcast::<&'static str>() {
            Ok(literal) => RemotePanic::Literal((*literal).to_owned()),
            Err(payload) => {
                discard(payload);
                RemotePanic::Other
            }
        }
    }

    /// Returns a payload of the same type, if it is that of a message.
    pub(crate) fn into_payload(self) -> Payload {
        match self {
            RemotePanic::Literal(literal) => Box::new(interned(literal)),
            RemotePanic::Message(message) => Box::new(message),
            RemotePanic::Other => Box::new("a panic in another process whose payload is not a message"),
        }
    }
}

/// Returns the text with the lifetime of a literal.
fn interned(literal: String) -> &'static str {
    let mut literals = LITERALS.lock().unwrap_or_else(PoisonError::into_inner);
    let literals = literals.get_or_insert_default();
    match literals.get(&*literal) {
        Some(known) => known,
        None => {
            let literal: &'static str = literal.leak();
            literals.insert(literal);
            literal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, RemotePanic};
    use crate::unwind::Payload;

    #[test]
    fn answers_come_back() {
        let panics = vec![(0, RemotePanic::Literal("one".to_owned())), (7, RemotePanic::Other)];
        for results in [vec![], vec![0], vec![1; 1000]] {
            for panics in [&[][..], &panics] {
                let bytes = Answer::encode(9, panics, results.clone());
                let answer = Answer::decode(&bytes).expect("an answer");
                assert_eq!((answer.items, &answer.panics[..], answer.results), (9, panics, &results[..]));
            }
        }
    }

    #[test]
    fn other_bytes_are_errors() {
        let bytes = Answer::encode(9, &[(0, RemotePanic::Message("one".to_owned()))], vec![1, 2, 3]);
        assert!((0..bytes.len()).all(|end| Answer::decode(&bytes[..end]).is_err()));
        assert!(Answer::decode(&[255; 100]).is_err());
    }

    #[test]
    fn messages_keep_their_type() {
        let back = |payload: Payload| RemotePanic::of(payload).into_payload();
        assert_eq!(back(Box::new("literal")).downcast_ref(), Some(&"literal"));
        assert_eq!(back(Box::new("text".to_owned())).downcast_ref(), Some(&"text".to_owned()));
        assert!(back(Box::new(7)).downcast_ref::<&str>().is_some_and(|text| text.contains("another process")));
        // Equal literals share their memory.
        let literal = || *back(Box::new("literal")).downcast::<&'static str>().expect("a literal");
        assert!(std::ptr::eq(literal(), literal()));
    }
}
