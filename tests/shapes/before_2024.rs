//! Names that are keywords since edition 2024, and an unused function.

use parallelize::parallelize;

#[parallelize(over = gen)]
fn mapped(gen: u8, by: u8) -> u8 {
    gen * by
}

#[parallelize(over = by, name = gen)]
fn fixed(gen: u8, by: u8) -> u8 {
    gen * by
}

// The generated functions call it, but they are unused as well, so it still counts as dead code.
#[parallelize(over = x)]
#[expect(dead_code)]
fn unused(x: u8) -> u8 {
    x
}

#[test]
fn gen_is_not_a_keyword() {
    assert_eq!(mapped_parallel([2], 3), [6]);
    assert_eq!(gen(2, [3]), [6]);
}
