//! What is printed at the end.

use std::time::Duration;

use crate::counts::Counts;
use crate::pipeline::Outcome;

/// Differences that are shown, of as many as there may be.
const DIFFERENCES_SHOWN_MAX: usize = 10;

/// The most frequent words, and what it took.
pub(crate) fn summary(outcome: &Outcome, top: usize, took: Duration) -> String {
    let Outcome { counts, restarts, skipped } = outcome;
    let ranking = counts.ranking();
    let rows = ranking.iter().take(top).map(|(word, count)| format!("{:>15}  {word}\n", grouped(*count)));
    let mut text: String = rows.collect();
    if counts.lines == 0 {
        text += "there is nothing to count: not one line\n";
    }
    text += &format!(
        "lines: {}, words: {}, different words: {}, restarts: {}\n",
        grouped(counts.lines),
        grouped(counts.words),
        grouped(counts.distinct() as u64),
        grouped(*restarts),
    );
    if counts.garbled > 0 {
        text +=
            &format!("lines that are not UTF-8: {} (with U+FFFD for what is not)\n", grouped(counts.garbled));
    }
    if *skipped > 0 {
        text += &format!("files that could not be read: {}\n", grouped(*skipped));
    }
    text + &format!("took: {took:.2?}, {} lines per second\n", per_second(counts.lines, took))
}

/// What is said when nothing differs.
pub(crate) fn verified(plain: &Counts, took: Duration) -> String {
    format!(
        "verified: a plain loop finds the same lines and words, and each of {} words as often \
         ({} lines per second)\n",
        grouped(plain.distinct() as u64),
        per_second(plain.lines, took),
    )
}

/// What is said when something differs.
pub(crate) fn refuted(summary: &str, differences: &[String]) -> String {
    let shown = &differences[..differences.len().min(DIFFERENCES_SHOWN_MAX)];
    let more = differences.len() - shown.len();
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    format!(
        "the actors and a plain loop differ (unless a file has changed meanwhile, this is a bug):\n  {}{more}\n\n{summary}",
        shown.join("\n  ")
    )
}

/// Whatever the two counts disagree about.
pub(crate) fn differences(actors: &Counts, plain: &Counts) -> Vec<String> {
    let totals = [
        ("lines", actors.lines, plain.lines),
        ("words", actors.words, plain.words),
        ("lines that are not UTF-8", actors.garbled, plain.garbled),
    ];
    let totals = totals.into_iter().map(|(what, actors, plain)| (what.to_string(), actors, plain));
    // Each word that one of them has counted, once: those of the first, then those that only the second has.
    let (ours, theirs) = (actors.ranking(), plain.ranking());
    let only_theirs = theirs.into_iter().filter(|(word, _)| actors.of(word) == 0);
    let words = ours.into_iter().chain(only_theirs);
    let words = words.map(|(word, _)| (format!("`{word}`"), actors.of(word), plain.of(word)));
    let differing = totals.chain(words).filter(|(_, actors, plain)| actors != plain);
    differing.map(|(what, actors, plain)| format!("{what}: {actors} by actors, {plain} plainly")).collect()
}

/// A number in groups of three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn per_second(count: u64, took: Duration) -> String {
    grouped((count as f64 / took.as_secs_f64().max(1e-9)) as u64)
}
