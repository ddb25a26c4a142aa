//! Collecting mistakes, so that all of them are reported at once, and suggesting names.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use std::fmt::Display;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds an error at `tokens`, underlined from the first token to the last.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error at `span`.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Adds an error that a parser has returned.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns one `compile_error!` per mistake, or `None` if there was no mistake.
    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        self.0.map(syn::Error::into_compile_error)
    }
}

/// Joins names for a message: `` `a`, `b` and `c` ``.
pub(crate) fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Returns `` ; did you mean `over`? `` for the nearest of `candidates`, or an empty string if none
/// is near.
pub(crate) fn did_you_mean(name: &str, candidates: &[String]) -> String {
    nearest(name, candidates).map_or(String::new(), |index| format!("; did you mean `{}`?", candidates[index]))
}

/// Returns the index of the candidate that the user may have meant by `name`.
pub(crate) fn nearest(name: &str, candidates: &[String]) -> Option<usize> {
    // Users often write the plural name of their input in place of the singular name of the
    // parameter.
    if let Some(index) = candidates.iter().position(|candidate| name == format!("{candidate}s")) {
        return Some(index);
    }
    // A third of the letters may differ, as in rustc's own suggestions. A name of one or two
    // letters therefore gets no suggestion.
    let max_distance = name.chars().count() / 3;
    let distances = candidates.iter().map(|candidate| distance(name, candidate)).enumerate();
    let near = distances.filter(|(_, distance)| *distance <= max_distance);
    near.min_by_key(|(_, distance)| *distance).map(|(index, _)| index)
}

/// Counts the letters to insert, delete, replace or swap with the next letter to get from `a` to
/// `b` (the restricted Damerau-Levenshtein distance).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, distance, list};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_list_reads_like_a_sentence() {
        assert_eq!(list(&names(&[])), "");
        assert_eq!(list(&names(&["x"])), "`x`");
        assert_eq!(list(&names(&["x", "y"])), "`x` and `y`");
        assert_eq!(list(&names(&["x", "y", "z"])), "`x`, `y` and `z`");
    }

    #[test]
    fn distance_counts_edits_and_swaps() {
        assert_eq!(distance("over", "over"), 0);
        assert_eq!(distance("ovre", "over"), 1);
        assert_eq!(distance("ove", "over"), 1);
        assert_eq!(distance("", "over"), 4);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        let options = names(&["over", "name"]);
        assert_eq!(did_you_mean("oevr", &options), "; did you mean `over`?");
        assert_eq!(did_you_mean("nam", &options), "; did you mean `name`?");
        assert_eq!(did_you_mean("threads", &options), "");
        assert_eq!(did_you_mean("z", &names(&["x"])), "");
        assert_eq!(did_you_mean("xs", &names(&["x", "steps"])), "; did you mean `x`?");
    }
}
