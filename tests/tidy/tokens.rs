//! Tokens and where they stand: read as they are, the bodies of macros count as well.

use core::iter;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Every run of sibling tokens, at every depth.
pub(crate) fn levels(tokens: &TokenStream) -> Vec<Vec<TokenTree>> {
    let level: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let inner: Vec<_> = level.iter().filter_map(group).flat_map(|group| levels(&group.stream())).collect();
    iter::once(level).chain(inner).collect()
}

/// The lines on which `words` stand side by side.
pub(crate) fn find(tokens: &TokenStream, words: &[&str]) -> Vec<usize> {
    let stand = |run: &[TokenTree]| run.iter().zip(words).all(|(tree, word)| is(tree, word));
    let found = |level: Vec<TokenTree>| -> Vec<usize> {
        level.windows(words.len()).filter(|run| stand(run)).map(|run| line(&run[0])).collect()
    };
    levels(tokens).into_iter().flat_map(found).collect()
}

pub(crate) fn line(tree: &TokenTree) -> usize {
    tree.span().start().line
}

/// Whether `tree` is the identifier or the punctuation `word`.
pub(crate) fn is(tree: &TokenTree, word: &str) -> bool {
    match tree {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Punct(punct) => word.chars().eq([punct.as_char()]),
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    }
}

/// Whether the identifier `word` is in `tokens`, at any depth.
pub(crate) fn mentions(tokens: &TokenStream, word: &str) -> bool {
    !find(tokens, &[word]).is_empty()
}

pub(crate) fn group(tree: &TokenTree) -> Option<&Group> {
    match tree {
        TokenTree::Group(group) => Some(group),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    }
}

pub(crate) fn delimited(tree: &TokenTree, delimiter: Delimiter) -> Option<&Group> {
    group(tree).filter(|group| group.delimiter() == delimiter)
}

/// A name that comes into being: `keyword name`.
pub(crate) struct Declaration {
    pub(crate) keyword: String,
    pub(crate) name: String,
    pub(crate) line: usize,
}

/// Everything that is declared with one of `keywords`.
pub(crate) fn declarations(tokens: &TokenStream, keywords: &[&str]) -> Vec<Declaration> {
    let declared = |level: Vec<TokenTree>| -> Vec<Declaration> {
        level.windows(2).filter_map(|pair| declaration(pair, keywords)).collect()
    };
    levels(tokens).into_iter().flat_map(declared).collect()
}

fn declaration(pair: &[TokenTree], keywords: &[&str]) -> Option<Declaration> {
    let [TokenTree::Ident(keyword), TokenTree::Ident(name)] = pair else { return None };
    let keyword = keyword.to_string();
    let line = name.span().start().line;
    keywords.contains(&keyword.as_str()).then(|| Declaration { keyword, name: name.to_string(), line })
}
