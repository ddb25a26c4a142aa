//! Functions that `macro_rules!` macros write from fragments of every kind.

use parallelize::parallelize;
use std::fmt::Debug;

macro_rules! of_items {
    ($($item:item)*) => {
        $(
            #[parallelize(over = x)]
            $item
        )*
    };
}

of_items!(
    fn item(x: u8, y: &u8) -> u8 {
        x + *y
    }

    /// An item with attributes.
    #[inline]
    pub(crate) fn generic_item<'a, T: Clone>(x: &'a [T], by: usize) -> &'a [T] {
        &x[by..]
    }
);

macro_rules! of_meta {
    ($meta:meta, $item:item) => {
        #[$meta]
        $item
    };
}

of_meta!(
    parallelize(over = x, threads = 2, skip_none),
    fn meta(x: u8, y: &u8) -> Option<u8> {
        x.checked_sub(*y)
    }
);

#[test]
fn items_and_attributes() {
    assert_eq!(item_parallel([1, 2], &3), [4, 5]);
    assert_eq!(generic_item_parallel([&[1, 2, 3][..]], 2), [&[3]]);
    assert_eq!(meta_parallel([1, 5], &3), [2]);
}

macro_rules! of_patterns {
    ($name:ident, $mapped:pat, $fixed:pat, $result:expr) => {
        #[parallelize]
        fn $name(#[over] $mapped: (u8, u8), $fixed: &[u8; 2]) -> u8 {
            $result
        }
    };
}

of_patterns!(patterns, (a, b), [c, _], a + b + c);
of_patterns!(names, a, b, a.0 + b[0]);
of_patterns!(either, ((a, 3) | (3, a) | (_, a)), _, a);

macro_rules! of_a_name {
    ($name:ident, $mapped:ident: $pattern:pat) => {
        #[parallelize(over = $mapped)]
        fn $name($pattern: u8, by: u8) -> u8 {
            $mapped * by
        }
    };
}

of_a_name!(name, number: number);

#[test]
fn patterns_and_names() {
    assert_eq!(patterns_parallel([(1, 2)], &[3, 4]), [6]);
    assert_eq!(names_parallel([(1, 2)], &[3, 4]), [4]);
    assert_eq!(either_parallel([(1, 3), (3, 2), (4, 5)], &[3, 4]), [1, 2, 5]);
    assert_eq!(name_parallel([2], 3), [6]);
}

macro_rules! of_types {
    ($name:ident, $mapped:ty, $fixed:ty, $output:ty, $body:block) => {
        #[parallelize(over = _x)]
        fn $name(_x: &$mapped, _y: &$fixed) -> $output $body
    };
}

of_types!(slices, [u8], str, usize, { 1 });
of_types!(objects, dyn Debug + Sync, dyn Debug + Sync + Send, u8, { 2 });
of_types!(tuples, (u8, &str), Option<&u8>, Result<(), String>, { Ok(()) });
of_types!(functions, fn(u8) -> u8, &(dyn Fn(u8) -> u8 + Sync), Vec<(u8, u8)>, { Vec::new() });

macro_rules! of_results {
    ($name:ident, $value:ty, $error:ty, $result:expr) => {
        #[parallelize(over = x, try_collect)]
        fn $name(x: u8) -> Result<$value, $error> {
            $result
                .map_err(|_| Default::default())
                .map(|_: u8| Default::default())
                .and_then(|value| if x > 1 { Err(Default::default()) } else { Ok(value) })
        }
    };
}

of_results!(units, (), String, Ok::<u8, ()>(1));
of_results!(pairs, (u8, &'static str), (), Ok::<u8, ()>(1));

#[test]
fn types() {
    assert_eq!(slices_parallel([&[1][..]], "a"), [1]);
    let debug: [&(dyn Debug + Sync); 1] = [&1];
    assert_eq!(objects_parallel(debug, &"a"), [2]);
    assert_eq!(tuples_parallel(&[(1, "a")], &None), [Ok(())]);
    assert_eq!(units_parallel([0, 1]), Ok(()));
    assert_eq!(units_parallel([1, 2]), Err(String::new()));
    assert_eq!(pairs_parallel([1, 1]), Ok(vec![(0, ""); 2]));
}

macro_rules! of_expressions {
    ($name:ident, $seed:ident, $threads:expr, $buffer:expr, $number:expr) => {
        #[parallelize(over = x, threads = $threads, per_thread(buffer = $buffer), per_item(number = $number))]
        fn $name(x: usize, buffer: &mut Vec<usize>, number: usize, $seed: usize) -> usize {
            buffer.push(x);
            buffer.pop().unwrap_or(0) + number + $seed
        }
    };
}

of_expressions!(literals, seed, 2, Vec::new(), |i| i * 10);
of_expressions!(operators, seed, 1 + 1, vec![0; seed + 1], move |i| i * 10 + seed);

#[test]
fn values_of_options() {
    assert_eq!(literals_parallel([1, 2], 100), [101, 112]);
    assert_eq!(operators_parallel([1, 2], 100), [201, 212]);
}

macro_rules! of_operands {
    ($name:ident, $operand:expr, $minus:expr) => {
        #[parallelize(over = x, threads = $operand * 2, per_item(item = |i| $operand * i as i32))]
        fn $name(x: [i32; $operand * 2], by: i32, item: i32) -> [i32; 4] {
            [2 * $operand, x[$operand * 1] + $operand * by, $minus.pow(2), item]
        }
    };
}

of_operands!(operands, 1 + 1, -3_i32);

/// The compiler forgets the groups of macros in what an attribute returns.
#[test]
fn operands_stay_together() {
    assert_eq!(operands([0; 4], 10, 0), [4, 20, 9, 0]);
    assert_eq!(operands_parallel([[0; 4], [1; 4]], 10), [[4, 20, 9, 0], [4, 21, 9, 2]]);
}

macro_rules! of_a_branch {
    ($name:ident, $branch:expr, $block:block) => {
        #[parallelize(over = x)]
        fn $name(x: i32, by: i32) -> i32 {
            let _ = $block;
            $branch - x * by
        }
    };
}

of_a_branch!(branch, if true { 10 } else { 20 }, { 1 });

#[test]
fn a_branch_may_be_an_operand() {
    assert_eq!(branch(1, 2), 8);
    assert_eq!(branch_parallel([1], 2), [8]);
}

macro_rules! of_lifetimes_and_paths {
    ($name:ident, $lifetime:lifetime, $path:path, $bound:path, $size:literal, $callee:path, $crate_:path) => {
        #[parallelize(over = x, call = $callee, crate = $crate_)]
        fn $name<$lifetime, T: $bound>(x: &$lifetime $path, y: &T, _z: [u8; $size]) -> (&$lifetime $path, T) {
            (x, y.clone())
        }
    };
}

of_lifetimes_and_paths!(paths, 'a, ::std::string::String, Clone, 3, self::paths, ::parallelize);

struct Line(u8);

macro_rules! of_methods {
    ($this:ident, $type:ty, $method:ident, $associated:ident, $number:expr) => {
        #[parallelize(over = x, per_item(number = |_| $number))]
        fn $method(&$this, x: u8, number: u8) -> u8 {
            $this.0 + x + number
        }

        #[parallelize(over = line)]
        fn $associated(line: &$type, by: u8) -> u8 {
            line.0 * by
        }
    };
}

impl Line {
    of_methods!(self, Self, method, associated, self.0 * 10);
}

#[test]
fn lifetimes_paths_and_methods() {
    let text = String::from("a");
    assert_eq!(paths_parallel([&text], &1, [0; 3]), [(&text, 1)]);
    assert_eq!(Line(1).method_parallel([1, 2]), [12, 13]);
    assert_eq!(Line::associated_parallel(&[Line(2)], 3), [6]);
}

macro_rules! of_tokens {
    ([$($option:tt)*] $($function:tt)*) => {
        #[parallelize($($option)*)]
        $($function)*
    };
}

of_tokens!([over = product(x, y), name = all_sums] fn sum(x: u8, y: u8) -> u8 { x + y });

macro_rules! of_statements {
    ($name:ident, $statement:stmt, $result:expr) => {
        #[parallelize(over = x)]
        fn $name(x: u8) -> u8 {
            $statement
            x + $result
        }
    };
}

of_statements!(statements, let y = 1 + 1, y);

#[test]
fn tokens_and_statements() {
    assert_eq!(all_sums([1, 2], [10, 20]), [11, 21, 12, 22]);
    assert_eq!(statements_parallel([1]), [3]);
}
