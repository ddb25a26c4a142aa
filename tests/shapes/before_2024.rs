//! What only callers before edition 2024 can write, and what they must not be kept from writing.

use parallelize::parallelize;

#[parallelize(over = gen)]
fn mapped(gen: u8, by: u8) -> u8 {
    gen * by
}

#[parallelize(over = by, name = gen)]
fn fixed(gen: u8, by: u8) -> u8 {
    gen * by
}

// The twin, which nobody uses either, does not make it used.
#[parallelize(over = x)]
#[expect(dead_code)]
fn unused(x: u8) -> u8 {
    x
}

#[test]
fn gen_is_no_keyword() {
    assert_eq!(mapped_parallel([2], 3), [6]);
    assert_eq!(gen(2, [3]), [6]);
}
