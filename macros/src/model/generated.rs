//! The model of the generated functions: everything that their tokens need.

use crate::check::mapping::Mapping;
use crate::check::request::Yields;
use crate::check::states::Made;
use crate::model::unnamed::Introduced;
use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Expr, ExprPath, Generics, Pat, Type, Visibility};

/// Which of the twins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Eager,
    Lazy,
}

/// The twin of a function.
pub(crate) struct Model {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) is_unsafe: bool,
    /// The function's own name.
    pub(crate) function: Ident,
    pub(crate) eager: Ident,
    /// The name of the lazy twin.
    pub(crate) lazy: Ident,
    pub(crate) generics: Generics,
    pub(crate) introduced: Introduced,
    /// What the where-clause gets besides the function's own: what may depend on a generic parameter or on `Self`.
    pub(crate) predicates: Vec<TokenStream>,
    pub(crate) receiver: Option<Receiver>,
    /// The arguments besides `self`, in order.
    pub(crate) arguments: Vec<Argument>,
    pub(crate) mapping: Mapping,
    pub(crate) output: Output,
    pub(crate) yields: Yields,
    pub(crate) threads: Option<Expr>,
    pub(crate) progress: Option<TokenStream>,
    pub(crate) callee: Callee,
    pub(crate) krate: TokenStream,
    /// What the marker types of the arguments have behind their names, if the names alone would hide something else.
    pub(crate) marker_suffix: Option<String>,
}

/// `self` as the twin takes it.
pub(crate) struct Receiver {
    pub(crate) tokens: TokenStream,
    /// Whether each call gets a clone of it, or the same reference.
    pub(crate) is_cloned: bool,
}

pub(crate) struct Argument {
    pub(crate) name: Ident,
    /// What the function binds it to.
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
    pub(crate) passing: Passing,
}

/// How an argument reaches each call of the function.
pub(crate) enum Passing {
    /// It is the item.
    Mapped,
    /// By shared reference.
    Shared,
    /// By value: a clone for each call.
    Cloned,
    /// Not from the twins' caller, but made by them.
    Made(Made),
}

impl Model {
    /// The arguments that are mapped, in the order in which they are.
    pub(crate) fn mapped(&self) -> Vec<&Argument> {
        self.mapping.arguments().iter().map(|index| &self.arguments[*index]).collect()
    }

    /// The arguments that the twins have.
    pub(crate) fn taken(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| !matches!(argument.passing, Passing::Made(_)))
    }

    /// The arguments that are made for each thread.
    pub(crate) fn per_thread(&self) -> Vec<&Argument> {
        let is_state = |argument: &&Argument| matches!(argument.passing, Passing::Made(Made::PerThread(_)));
        self.arguments.iter().filter(is_state).collect()
    }

    /// Whether the index of an item matters.
    pub(crate) fn is_indexed(&self) -> bool {
        self.arguments.iter().any(|argument| matches!(argument.passing, Passing::Made(Made::PerItem(_))))
    }
}

/// What the function returns.
pub(crate) enum Output {
    Unit,
    /// A type that can be named anywhere.
    Type(Type),
    /// A type with `impl Trait` in it, which can be named in the twin's own signature only.
    Opaque(Type),
}

impl Output {
    /// The type, if there is one.
    pub(crate) fn ty(&self) -> Option<&Type> {
        match self {
            Output::Unit => None,
            Output::Type(ty) | Output::Opaque(ty) => Some(ty),
        }
    }
}

/// How the twin calls the function.
pub(crate) enum Callee {
    /// By its name: it seems to be no associated function, and the expansion makes sure of it with the function's hash.
    Free { hash: u64 },
    /// As `Self::f`.
    Associated,
    /// As the attribute says.
    Path(ExprPath),
}
