//! What is counted: lines, words, and how often each word occurs.

use std::borrow::Cow;
use std::collections::HashMap;

/// Lines, words, and how often each word occurs.
///
/// A word is a run of letters and digits, in lower case. What is not UTF-8 is read as U+FFFD, which is neither.
#[derive(Default, Debug)]
pub(crate) struct Counts {
    pub(crate) lines: u64,
    pub(crate) words: u64,
    /// Lines that are not UTF-8.
    pub(crate) garbled: u64,
    of: HashMap<String, u64>,
    /// The word at hand, in lower case: one buffer for all.
    word: String,
}

impl Counts {
    /// Counts whole lines.
    pub(crate) fn add_lines(&mut self, text: &[u8]) {
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            self.add_line(line);
        }
    }

    /// Counts one line.
    pub(crate) fn add_line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        self.lines += 1;
        self.garbled += u64::from(matches!(line, Cow::Owned(_)));
        for word in line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            self.add_word(word);
        }
    }

    fn add_word(&mut self, word: &str) {
        self.words += 1;
        self.word.clear();
        if word.is_ascii() {
            self.word.push_str(word);
            self.word.make_ascii_lowercase();
        } else {
            self.word.extend(word.chars().flat_map(char::to_lowercase));
        }
        match self.of.get_mut(&self.word) {
            Some(count) => *count += 1,
            None => drop(self.of.insert(self.word.clone(), 1)),
        }
    }

    /// Adds all that `other` has counted.
    pub(crate) fn merge(&mut self, other: Self) {
        self.lines += other.lines;
        self.words += other.words;
        self.garbled += other.garbled;
        for (word, count) in other.of {
            *self.of.entry(word).or_default() += count;
        }
    }

    /// How often `word` occurs.
    pub(crate) fn of(&self, word: &str) -> u64 {
        self.of.get(word).copied().unwrap_or(0)
    }

    /// The number of different words.
    pub(crate) fn distinct(&self) -> usize {
        self.of.len()
    }

    /// Every word with its count, the most frequent first and equals in the order of the alphabet.
    pub(crate) fn ranking(&self) -> Vec<(&str, u64)> {
        let mut words: Vec<_> = self.of.iter().map(|(word, count)| (word.as_str(), *count)).collect();
        words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        words
    }
}
