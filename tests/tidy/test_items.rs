//! Test code among other code: which lines have it, and which modules are nothing else.

use core::ops::RangeInclusive;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::tokens::{self, delimited, group, is, line};

/// An item that only the test build has.
pub(crate) struct TestItem {
    pub(crate) lines: RangeInclusive<usize>,
    /// The name after `mod`, where the module is a file of its own.
    pub(crate) module: Option<String>,
}

/// Every item of test code; one inside another counts as well.
pub(crate) fn test_items(tokens: &TokenStream) -> Vec<TestItem> {
    let items = |level: Vec<TokenTree>| -> Vec<TestItem> {
        let starts = (0..level.len()).filter(|at| opens_test(&level[*at..]));
        starts.map(|at| test_item(&level[at..])).collect()
    };
    tokens::levels(tokens).into_iter().flat_map(items).collect()
}

fn opens_test(tokens: &[TokenTree]) -> bool {
    let [hash, attribute, ..] = tokens else { return false };
    let attribute = delimited(attribute, Delimiter::Bracket);
    is(hash, "#") && attribute.is_some_and(|attribute| is_test(&attribute.stream()))
}

/// `test`, `any::path::test`, or a `cfg` that holds only for tests.
fn is_test(attribute: &TokenStream) -> bool {
    let attribute: Vec<TokenTree> = attribute.clone().into_iter().collect();
    match attribute.as_slice() {
        [cfg, TokenTree::Group(when)] if is(cfg, "cfg") => requires_test(&when.stream()),
        [.., last] => is(last, "test"),
        [] => false,
    }
}

fn requires_test(condition: &TokenStream) -> bool {
    let mut trees = condition.clone().into_iter();
    while let Some(tree) = trees.next() {
        if is(&tree, "not") {
            trees.next();
        } else if is(&tree, "test") || group(&tree).is_some_and(|group| requires_test(&group.stream())) {
            return true;
        }
    }
    false
}

/// The item that `tokens` begin with: up to its first `;` or block.
fn test_item(tokens: &[TokenTree]) -> TestItem {
    let ends = |tree: &TokenTree| is(tree, ";") || delimited(tree, Delimiter::Brace).is_some();
    let end = tokens.iter().position(ends).unwrap_or(tokens.len() - 1);
    let module = match &tokens[..=end] {
        [.., keyword, TokenTree::Ident(name), end] if is(keyword, "mod") && is(end, ";") => {
            Some(name.to_string())
        }
        _ => None,
    };
    TestItem { lines: line(&tokens[0])..=tokens[end].span().end().line, module }
}
