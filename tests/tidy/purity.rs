//! What code must not do: decide by feature, keep state without owner, wait for time.

use proc_macro2::{TokenStream, TokenTree};

use crate::paths::{Path, paths};
use crate::rule::Offence;
use crate::source::Source;
use crate::tokens;

/// The places in core that turn a feature into something with one meaning.
const FEATURE_EDGES: &[&str] = &["core/src/lib.rs", "core/src/log/", "core/src/sync.rs", "core/src/sync/"];

/// Actors in core that are written as users write them: their handlers may be `async fn`.
const ACTORS: &[&str] = &[
    "core/src/persist/following.rs",
    "core/src/node/network/inspector.rs",
    "core/src/node/cluster/operator.rs",
];

const ASYNC: &str = "`async fn`: core writes its futures by hand, to know what a poll does";

/// Words side by side that core does without, and why.
const FORBIDDEN: &[(&[&str], &str)] = &[
    (&["async", "fn"], ASYNC),
    (&["thread_local", "!"], "`thread_local!`: state has an owner, and systems do not meet in it"),
    (&["todo", "!"], "`todo!` is left"),
    (&["unimplemented", "!"], "`unimplemented!` is left"),
];

/// Calls that wait for real time.
const WAITS: &[[&str; 2]] = &[["thread", "sleep"], ["Timer", "after"]];

pub(crate) fn features(source: &Source) -> Vec<Offence> {
    let edge = FEATURE_EDGES.iter().any(|edge| source.path.starts_with(edge));
    if edge || !source.path.starts_with("core/src/") {
        return Vec::new();
    }
    let lines = tokens::levels(&source.tokens).into_iter().flat_map(|level| feature_lines(&level));
    lines.map(|line| Offence::new(&source.path, line, "asks for a feature")).collect()
}

/// The lines of `cfg(.. feature ..)`, `cfg!(.. feature ..)` and `cfg_attr(.. feature ..)`.
fn feature_lines(level: &[TokenTree]) -> Vec<usize> {
    let asks = |at: &usize| {
        let [first, rest @ ..] = &level[*at..] else { return false };
        let condition = rest.iter().find(|tree| !tokens::is(tree, "!")).and_then(tokens::group);
        (tokens::is(first, "cfg") || tokens::is(first, "cfg_attr"))
            && condition.is_some_and(|condition| tokens::mentions(&condition.stream(), "feature"))
    };
    (0..level.len()).filter(asks).map(|at| tokens::line(&level[at])).collect()
}

pub(crate) fn core(source: &Source) -> Vec<Offence> {
    if !source.path.starts_with("core/src/") {
        return Vec::new();
    }
    let statics = statics(&source.tokens).into_iter().map(|line| (line, "`static`: state has an owner"));
    let forbidden = FORBIDDEN
        .iter()
        .flat_map(|(words, why)| tokens::find(&source.tokens, words).into_iter().map(|line| (line, *why)));
    let actor = ACTORS.contains(&source.path.as_str());
    let allowed = |what: &str| actor && what == ASYNC;
    let found = statics.chain(forbidden).filter(|(line, what)| source.is_library(*line) && !allowed(what));
    found.map(|(line, what)| Offence::new(&source.path, line, what)).collect()
}

/// The lines of `static NAME`, which differs from `'static Name` by what is before it.
fn statics(tokens: &TokenStream) -> Vec<usize> {
    let is_item = |level: &[TokenTree], at: usize| {
        tokens::is(&level[at], "static")
            && matches!(level.get(at + 1), Some(TokenTree::Ident(_)))
            && !at.checked_sub(1).is_some_and(|before| tokens::is(&level[before], "'"))
    };
    let items = |level: Vec<TokenTree>| -> Vec<usize> {
        (0..level.len()).filter(|at| is_item(&level, *at)).map(|at| tokens::line(&level[at])).collect()
    };
    tokens::levels(tokens).into_iter().flat_map(items).collect()
}

pub(crate) fn sleeps(source: &Source) -> Vec<Offence> {
    let waits = |path: &Path| path.segments.windows(2).any(|pair| WAITS.iter().any(|wait| pair == wait));
    let paths = paths(&source.tokens);
    let waiting = paths.iter().filter(|path| waits(path) && source.is_test(path.line));
    waiting.map(|path| Offence::new(&source.path, path.line, path.segments.join("::"))).collect()
}
