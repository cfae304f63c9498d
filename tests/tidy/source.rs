//! One Rust file: its tokens, its syntax, and which of its lines are test code.

use proc_macro2::TokenStream;

use crate::test_items::{TestItem, test_items};

pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) tokens: TokenStream,
    pub(crate) syntax: syn::File,
    pub(crate) role: Role,
    test_items: Vec<TestItem>,
}

/// What a file is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Library,
    Test,
    Example,
    Bench,
}

impl Source {
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let syntax = syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{path}: {error}"));
        let test_items = test_items(&tokens);
        Self { path: path.into(), text: text.into(), tokens, syntax, role: role(path), test_items }
    }

    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.role == Role::Test || self.test_items.iter().any(|item| item.lines.contains(&line))
    }

    /// Whether this line ends up in what users build.
    pub(crate) fn is_library(&self, line: usize) -> bool {
        self.role == Role::Library && !self.is_test(line)
    }

    /// The files, without `.rs`, that this one declares as modules of test code.
    pub(crate) fn test_modules(&self) -> Vec<String> {
        let names = self.test_items.iter().filter_map(|item| item.module.as_ref());
        names.map(|name| format!("{}/{name}", self.folder())).collect()
    }

    /// The file's place in its crate: `core/src/actor/cell.rs` is `actor`, `cell`.
    pub(crate) fn module(&self) -> Vec<String> {
        let folder = self.folder();
        let (_, inside) = folder.split_once("src").unwrap_or_default();
        inside.split('/').filter(|part| !part.is_empty()).map(String::from).collect()
    }

    /// The name that the file has as a module.
    pub(crate) fn name(&self) -> String {
        self.folder().rsplit('/').next().unwrap_or_default().into()
    }

    /// The folder in which the modules of this file are.
    fn folder(&self) -> String {
        let stem = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let root = ["/mod", "/lib", "/main"].iter().find_map(|name| stem.strip_suffix(name));
        root.unwrap_or(stem).into()
    }
}

fn role(path: &str) -> Role {
    let is_in = |folder| path.split('/').any(|part| part == folder);
    if is_in("tests") || is_in("tests.rs") {
        Role::Test
    } else if is_in("examples") {
        Role::Example
    } else if is_in("benches") {
        Role::Bench
    } else {
        Role::Library
    }
}
