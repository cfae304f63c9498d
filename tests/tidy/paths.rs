//! Paths as they are written, wherever: imports, types, expressions, patterns, macros.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use crate::tokens::{is, line};

/// A path; one with groups is several: `a::{b, c::*}` is `a::b` and `a::c::*`.
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    /// The inline modules around it, from the outermost in.
    pub(crate) inside: Vec<String>,
    pub(crate) line: usize,
}

/// Every path of two segments or more.
pub(crate) fn paths(tokens: &TokenStream) -> Vec<Path> {
    let mut reader = PathReader { inside: Vec::new(), paths: Vec::new() };
    reader.read(tokens, &[]);
    reader.paths.retain(|path| path.segments.len() > 1);
    reader.paths
}

struct PathReader {
    inside: Vec<String>,
    paths: Vec<Path>,
}

impl PathReader {
    /// Reads `tokens`, each path of which goes on from `prefix`.
    fn read(&mut self, tokens: &TokenStream, prefix: &[String]) {
        let level: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut rest = level.as_slice();
        while let [first, after @ ..] = rest {
            rest = match (first, after) {
                (TokenTree::Ident(word), [TokenTree::Ident(name), TokenTree::Group(body), after @ ..])
                    if word == "mod" =>
                {
                    self.read_module(name.to_string(), body);
                    after
                }
                // The alias of an import is not part of its path.
                (TokenTree::Ident(word), [_, after @ ..]) if word == "as" && !prefix.is_empty() => after,
                // Where `$crate` leads is decided where the macro is used.
                (TokenTree::Punct(dollar), [_, after @ ..]) if dollar.as_char() == '$' => after,
                (TokenTree::Ident(_), _) => self.read_path(rest, prefix),
                (TokenTree::Group(group), _) => {
                    self.read(&group.stream(), &[]);
                    after
                }
                (TokenTree::Punct(_) | TokenTree::Literal(_), _) => after,
            };
        }
    }

    fn read_module(&mut self, name: String, body: &Group) {
        self.inside.push(name);
        self.read(&body.stream(), &[]);
        self.inside.pop();
    }

    /// Reads the path that `tokens` begin with, and returns what comes after it.
    fn read_path<'t>(&mut self, tokens: &'t [TokenTree], prefix: &[String]) -> &'t [TokenTree] {
        let line = line(&tokens[0]);
        let mut segments = [prefix, &[tokens[0].to_string()]].concat();
        let mut rest = &tokens[1..];
        while let Some((next, after)) = after_colons(rest) {
            match next {
                TokenTree::Ident(_) => segments.push(next.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '*' => segments.push("*".into()),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    self.read(&group.stream(), &segments);
                    return after;
                }
                TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => break,
            }
            rest = after;
        }
        self.paths.push(Path { segments, inside: self.inside.clone(), line });
        rest
    }
}

/// What follows a `::`, if `tokens` begin with one.
fn after_colons(tokens: &[TokenTree]) -> Option<(&TokenTree, &[TokenTree])> {
    let [TokenTree::Punct(first), second, next, after @ ..] = tokens else { return None };
    let colons = first.as_char() == ':' && first.spacing() == Spacing::Joint && is(second, ":");
    colons.then_some((next, after))
}
