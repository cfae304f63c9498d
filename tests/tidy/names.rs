//! Names that say something: no word that fits everything.

use crate::rule::Offence;
use crate::source::Source;
use crate::tokens::{self, Declaration};

/// Words that would fit any type, function or module, and so tell nothing about this one.
const EMPTY: &[&str] = &["manager", "helper", "helpers", "util", "utils", "impl", "misc", "common", "stuff"];

const KEYWORDS: &[&str] = &["mod", "struct", "enum", "union", "trait", "type", "fn"];

pub(crate) fn empty_words(source: &Source) -> Vec<Offence> {
    let file = Declaration { keyword: "mod".into(), name: source.name(), line: 1 };
    let mut declared = tokens::declarations(&source.tokens, KEYWORDS);
    declared.push(file);
    declared.iter().filter_map(|declaration| empty_word(source, declaration)).collect()
}

fn empty_word(source: &Source, Declaration { keyword, name, line }: &Declaration) -> Option<Offence> {
    let words = words(name);
    let empty = match words.as_slice() {
        [first, _, ..] if first == "do" => first,
        words => words.iter().find(|word| EMPTY.contains(&word.as_str()))?,
    };
    Some(Offence::new(&source.path, *line, format!("`{empty}` says nothing in `{keyword} {name}`")))
}

/// The words of a name in either case, in lower case: `ConnectionManager` is `connection`, `manager`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_upper = true;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && !was_upper) {
            words.push(String::new());
        }
        if let (Some(word), true) = (words.last_mut(), c != '_') {
            word.extend(c.to_lowercase());
        }
        was_upper = c.is_uppercase() || c == '_';
    }
    words.retain(|word| !word.is_empty());
    words
}
