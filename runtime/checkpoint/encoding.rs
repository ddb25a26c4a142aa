//! Results as bytes, and items as keys.

use crate::checkpoint::description;
use crate::checkpoint::fingerprint::fingerprint;
use crate::checkpoint::shape::shape_of;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use crate::checkpoint::walk::EncodingError;

/// Encodes a result: four bytes of its shape, and its contents.
pub(crate) fn encode<R: Serialize>(result: &R) -> Result<Vec<u8>, EncodingError> {
    let shape = shape_of(result)?.to_le_bytes().to_vec();
    postcard::to_extend(result, shape).map_err(|error| EncodingError(error.to_string()))
}

/// Decodes a result. Returns `None` if its type had other names when it was encoded, or if the
/// bytes are no such result.
pub(crate) fn decode<R: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<R> {
    let (shape, contents) = bytes.split_first_chunk()?;
    let (result, rest) = postcard::take_from_bytes(contents).ok()?;
    // The contents do not say of what type they are. Fields of one type may have been swapped
    // since.
    let is_same = rest.is_empty() && shape_of(&result).ok()? == u32::from_le_bytes(*shape);
    is_same.then_some(result)
}

/// Returns the key of an item. Results are compared by the same key.
pub(crate) fn item_key<T: Serialize + ?Sized>(item: &T) -> Result<u128, EncodingError> {
    fingerprint(item)
}

/// Describes an item for a message, in at most 80 characters.
pub(crate) fn describe<T: Serialize + ?Sized>(item: &T) -> String {
    description::describe(item)
}

#[cfg(test)]
mod tests {
    use super::{decode, describe, encode, item_key};
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
    use std::fmt::Debug;
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    /// Types with the same bytes, each with other names than the first one.
    macro_rules! renamed {
        ($($module:ident: $item:item)*) => {$(
            mod $module {
                use serde::{Deserialize, Serialize};
                #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
                $item
            }
        )*};
    }

    renamed! {
        point: pub(super) struct Point { pub(super) x: u32, pub(super) y: u32 }
        swapped: pub(super) struct Point { pub(super) y: u32, pub(super) x: u32 }
        renamed: pub(super) struct Point { pub(super) x: u32, pub(super) z: u32 }
        widened: pub(super) struct Point { pub(super) x: u32, pub(super) y: u64 }
        named: pub(super) struct Place { pub(super) x: u32, pub(super) y: u32 }
        unit: pub(super) enum Unit { Meter(u32), Foot(u32), None }
        reordered: pub(super) enum Unit { Foot(u32), Meter(u32), None }
        other_variant: pub(super) enum Unit { Meter(u32), Yard(u32), None }
    }

    fn is_refused<R: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
        decode::<R>(bytes).is_none()
    }

    #[test]
    fn a_type_with_other_names_is_refused() {
        let point = point::Point { x: 1, y: 2 };
        let bytes = encode(&point).expect("bytes");
        assert_eq!(decode::<point::Point>(&bytes), Some(point.clone()));
        assert!(is_refused::<swapped::Point>(&bytes));
        assert!(is_refused::<renamed::Point>(&bytes));
        assert!(is_refused::<widened::Point>(&bytes));
        assert!(is_refused::<named::Place>(&bytes));
        assert!(is_refused::<(u32, u32)>(&bytes));
        assert!(is_refused::<Vec<u32>>(&encode(&(1_u8, 7_u32)).expect("bytes")));
        assert!(is_refused::<u64>(&encode(&7_u32).expect("bytes")));
        assert!(is_refused::<Option<u32>>(&encode(&(1_u8, 7_u32)).expect("bytes")));

        // Also deep inside.
        let nested = HashMap::from([("a".to_owned(), vec![Some(point)])]);
        let bytes = encode(&nested).expect("bytes");
        assert_eq!(decode::<HashMap<String, Vec<Option<point::Point>>>>(&bytes), Some(nested));
        assert!(is_refused::<HashMap<String, Vec<Option<swapped::Point>>>>(&bytes));
    }

    #[test]
    fn a_variant_with_another_name_is_refused() {
        for unit in [unit::Unit::Meter(1), unit::Unit::Foot(2)] {
            let bytes = encode(&unit).expect("bytes");
            assert_eq!(decode::<unit::Unit>(&bytes), Some(unit));
            assert!(is_refused::<reordered::Unit>(&bytes));
        }
        assert!(is_refused::<other_variant::Unit>(&encode(&unit::Unit::Foot(1)).expect("bytes")));
        let none = encode(&unit::Unit::None).expect("bytes");
        assert_eq!(decode::<other_variant::Unit>(&none), Some(other_variant::Unit::None));
    }

    fn keeps<R: Serialize + DeserializeOwned + PartialEq + Debug>(result: R) {
        let bytes = encode(&result).expect("bytes");
        assert_eq!(decode::<R>(&bytes), Some(result));
        for length in 0..bytes.len() {
            assert!(is_refused::<R>(&bytes[..length]), "{length} of {bytes:?}");
        }
        let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
        assert!(is_refused::<R>(&longer));
    }

    #[test]
    fn results_of_every_kind_are_read_back() {
        keeps(());
        keeps((true, 'x', -1_i8, 1_i128 << 100, u64::MAX, 0.1_f32, f64::MIN_POSITIVE));
        keeps((None::<u32>, Some(Some(())), Some(None::<()>)));
        keeps(Vec::<point::Point>::new());
        keeps((String::from("text"), vec![0_u8, 255]));
        keeps(Err::<u32, String>("an error".into()));
        keeps((IpAddr::from(Ipv4Addr::LOCALHOST), Duration::from_millis(1_500)));
        keeps(BTreeMap::from([(1, unit::Unit::Foot(1)), (2, unit::Unit::None)]));
        keeps(
            (0..20)
                .map(|n| (n, if n % 2 == 0 { unit::Unit::None } else { unit::Unit::Foot(n) }))
                .collect::<HashMap<_, _>>(),
        );
        keeps((0..20).map(|n| if n % 2 == 0 { Ok(n) } else { Err(n) }).collect::<HashSet<_>>());
    }

    fn key<T: Serialize>(item: T) -> u128 {
        item_key(&item).expect("a key")
    }

    #[test]
    fn different_items_have_different_keys() {
        let keys = [
            key(0_u32),
            key(0_u64),
            key(0_i32),
            key(0.0_f64),
            key(-0.0_f64),
            key(f64::NAN),
            key(0.0_f32),
            key(false),
            key('0'),
            key("0"),
            key(()),
            key(None::<u32>),
            key(Some(0_u32)),
            key(Some(Some(0_u32))),
            key((0_u32,)),
            key([0_u32; 2]),
            key(vec![0_u32; 2]),
            key(vec![vec![0_u32], vec![0]]),
            key(vec![vec![0_u32, 0], vec![]]),
            key(("ab", "c")),
            key(("a", "bc")),
            key("abc"),
            key(point::Point { x: 1, y: 2 }),
            key(point::Point { x: 2, y: 1 }),
            key(swapped::Point { y: 1, x: 2 }),
            key(swapped::Point { x: 1, y: 2 }),
            key(unit::Unit::Meter(1)),
            key(reordered::Unit::Foot(1)),
            key(BTreeMap::from([(1, 2), (3, 4)])),
            key(BTreeMap::from([(1, 4), (3, 2)])),
            key(BTreeMap::from([(1, 2)])),
            key(BTreeMap::<u32, u32>::new()),
            key([BTreeMap::from([(1, 2)]), BTreeMap::from([(3, 4)])]),
        ];
        assert_eq!(BTreeSet::from(keys).len(), keys.len());
    }

    #[test]
    fn equal_items_have_one_key() {
        assert_eq!(key("text"), key(String::from("text")));
        assert_eq!(key(f64::NAN), key(f64::NAN));
        assert_eq!(key(&[1, 2][..]), key(vec![1, 2]));
        let map = || (0..50).map(|n| (n, vec![n])).collect::<HashMap<u32, Vec<u32>>>();
        assert_eq!(key(map()), key(map()));
        assert_eq!(key(map()), key(map().into_iter().collect::<BTreeMap<_, _>>()));
    }

    #[test]
    fn files_depend_on_these_values() {
        // Those of the first version of the format.
        let bytes = encode(&point::Point { x: 1, y: 300 }).expect("bytes");
        assert_eq!(bytes, [222, 149, 23, 19, 1, 172, 2]);
        let bytes = encode(&("a", vec![0.5_f64])).expect("bytes");
        assert_eq!(bytes, [175, 220, 224, 92, 1, 97, 1, 0, 0, 0, 0, 0, 0, 224, 63]);
        assert_eq!(
            key((7_u32, "text", HashMap::from([(1, Some(0.5))]))),
            149_276_154_979_238_522_699_419_415_906_315_109_594
        );
    }

    #[test]
    fn items_are_described_in_one_short_line() {
        assert_eq!(describe(&0.35), "0.35");
        assert_eq!(describe(&(3, "a \"word\"", [Some(1), None])), "(3, \"a \\\"word\\\"\", (Some(1), None))");
        assert_eq!(describe(&point::Point { x: 1, y: 2 }), "Point { x: 1, y: 2 }");
        assert_eq!(describe(&unit::Unit::Foot(2)), "Foot(2)");
        assert_eq!(describe(&BTreeMap::from([("a", vec![1, 2])])), "{\"a\": [1, 2]}");
        assert_eq!(describe(&IpAddr::from(Ipv4Addr::LOCALHOST)), "\"127.0.0.1\"");
        for long in [describe(&"x".repeat(1_000)), describe(&vec![1; 1_000]), describe(&"\u{e4}".repeat(500))] {
            assert_eq!(long.chars().count(), 80);
            assert!(long.ends_with("..."));
        }
    }
}
