//! The model of the generated functions: everything that their tokens depend on.

use crate::check::asynchronous::Async;
use crate::check::checkpoint::Checkpoint;
use crate::check::distributed::Distributed;
use crate::check::mapping::Mapping;
use crate::check::request::Yields;
use crate::check::states::Creation;
use crate::model::unnamed::Introduced;
use crate::read::types::is_mutable_reference;
use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Expr, ExprPath, Generics, Pat, Type, Visibility};

/// One of the two generated functions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The parallel function.
    Eager,
    /// The lazy version.
    Lazy,
    /// The function that runs items in another process.
    Remote,
}

/// Both generated functions of an annotated function.
pub(crate) struct Model {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) is_unsafe: bool,
    /// The name of the annotated function.
    pub(crate) function: Ident,
    /// The name of the parallel function.
    pub(crate) eager: Ident,
    /// The name of the lazy version.
    pub(crate) lazy: Ident,
    pub(crate) generics: Generics,
    pub(crate) introduced: Introduced,
    /// The predicates that the where clause has in addition to those of the annotated function.
    /// They are about types that depend on a type parameter or on `Self`.
    pub(crate) predicates: Vec<TokenStream>,
    /// Further predicates, of the lazy version only: what a checkpoint needs.
    pub(crate) predicates_of_lazy: Vec<TokenStream>,
    pub(crate) receiver: Option<Receiver>,
    /// The parameters of the annotated function except `self`, in order.
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) mapping: Mapping,
    pub(crate) output: Output,
    pub(crate) yields: Yields,
    pub(crate) threads: Option<Expr>,
    /// What is different for an async function.
    pub(crate) asynchronous: Option<Async>,
    /// The maximum number of calls of an async function that are under way at a time.
    pub(crate) in_flight: Option<Expr>,
    pub(crate) progress: Option<TokenStream>,
    /// What a checkpoint must know of the function, if its results can be kept in one.
    pub(crate) checkpoint: Option<Checkpoint>,
    /// What other processes must know of the function, if its items may run there.
    pub(crate) distributed: Option<Distributed>,
    pub(crate) callee: Callee,
    pub(crate) krate: TokenStream,
    /// The suffix of all marker types. It is needed if a marker type with the plain name of its
    /// parameter would hide another item of that name.
    pub(crate) marker_suffix: Option<String>,
    /// Whether the user's tokens in the generated functions may contain an `#[allow(..)]`.
    pub(crate) may_set_lint_levels: bool,
}

/// The parameter `self` of the generated functions.
pub(crate) struct Receiver {
    pub(crate) tokens: TokenStream,
    /// Whether each call of the annotated function gets a clone, instead of the same reference.
    pub(crate) is_cloned: bool,
}

/// A parameter of the annotated function.
pub(crate) struct Parameter {
    /// Its name in the generated functions.
    pub(crate) name: Ident,
    /// Its pattern in the annotated function.
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
    pub(crate) passing: Passing,
    /// The name of the type of its input, if it is mapped and the result must name that type.
    pub(crate) input: Option<Ident>,
}

impl Parameter {
    /// Whether each call borrows a value that is created for it.
    pub(crate) fn is_lent(&self) -> bool {
        matches!(self.passing, Passing::Created(_)) && is_mutable_reference(&self.ty)
    }

    /// Whether the generated functions create its value for each item.
    pub(crate) fn is_per_item(&self) -> bool {
        matches!(self.passing, Passing::Created(Creation::PerItem(_)))
    }
}

/// What each call of the annotated function gets for a parameter.
pub(crate) enum Passing {
    /// The item, or its part for this parameter.
    Mapped,
    /// The shared reference that the generated function takes.
    Shared,
    /// A clone of the value that the generated function takes.
    Cloned,
    /// A value that the generated function creates.
    Created(Creation),
}

impl Model {
    /// Returns the mapped parameters in the order in which an item contains their values.
    pub(crate) fn mapped(&self) -> Vec<&Parameter> {
        self.mapping.parameters().iter().map(|index| &self.parameters[*index]).collect()
    }

    /// Returns the parameters that the generated functions take, except `self`.
    pub(crate) fn taken(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| !matches!(parameter.passing, Passing::Created(_)))
    }

    /// Returns the parameters that are created once per thread.
    pub(crate) fn per_thread(&self) -> Vec<&Parameter> {
        let is_state = |parameter: &&Parameter| matches!(parameter.passing, Passing::Created(Creation::PerThread(_)));
        self.parameters.iter().filter(is_state).collect()
    }

    /// Whether the function is async, and its futures may stay on one thread.
    pub(crate) fn is_local(&self) -> bool {
        self.asynchronous.is_some_and(|asynchronous| asynchronous.is_local)
    }

    /// Whether the future of one call borrows a value that is created for it.
    pub(crate) fn lends_to_future(&self) -> bool {
        self.asynchronous.is_some() && self.parameters.iter().any(Parameter::is_lent)
    }

    /// Returns the parameters that are created for each item and that its future holds, which must
    /// be `Send`.
    pub(crate) fn held_by_futures(&self) -> impl Iterator<Item = &Parameter> {
        let is_sent = self.asynchronous.is_some() && !self.is_local();
        self.parameters.iter().filter(move |parameter| is_sent && parameter.is_per_item())
    }

    /// Returns the parameters that a marker type names: those that the generated functions take,
    /// that get the token of the item, that futures hold, or whose values other processes keep.
    pub(crate) fn marked(&self) -> impl Iterator<Item = &Parameter> {
        let kept = if self.distributed.is_some() { self.per_thread() } else { Vec::new() };
        self.taken().chain(self.token()).chain(self.held_by_futures()).chain(kept)
    }

    /// Whether the function of one item needs the index of the item.
    pub(crate) fn is_indexed(&self) -> bool {
        self.parameters.iter().any(Parameter::is_per_item) || self.token().is_some()
    }

    /// Returns the parameter that gets the token of the item.
    pub(crate) fn token(&self) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| matches!(parameter.passing, Passing::Created(Creation::Token)))
    }
}

/// The return type of the annotated function. For an async function, the type of the output of its
/// future.
pub(crate) enum Output {
    Unit,
    /// A type that can be named anywhere.
    Type(Type),
    /// A type with `impl Trait` in it, which can be named only in the return type of a function.
    Opaque(Type),
}

impl Output {
    /// Returns the type, or `None` for `()`.
    pub(crate) fn ty(&self) -> Option<&Type> {
        match self {
            Output::Unit => None,
            Output::Type(ty) | Output::Opaque(ty) => Some(ty),
        }
    }
}

/// How the generated functions name the annotated function.
pub(crate) enum Callee {
    /// By its name alone. The function seems to be a free one, which the guard constant verifies.
    /// The name of the constant contains the hash.
    Free { hash: u64 },
    /// As `Self::f`.
    Associated,
    /// By the path that the option `call` gives.
    Path(ExprPath),
}
