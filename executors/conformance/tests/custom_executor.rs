//! The executor of the example: a whole one, and the guide shows it as it is.

#![allow(clippy::expect_used, reason = "a guide without code fails")]

#[path = "../../../examples/custom_executor.rs"]
#[allow(dead_code, reason = "its main runs as an example")]
mod custom_executor;

use casty_conformance::{Scene, Sentence, Verdict, drive, executor_passes};
use casty_conformance::{blocking, everywhere, other_threads, real_time, unwinding};
use casty_hosted::Clock;
use custom_executor::Threads;

const EXAMPLE: &str = include_str!("../../../examples/custom_executor.rs");
const GUIDE: &str = include_str!("../../README.md");

fn threads(scene: Scene<Threads>) -> Verdict {
    drive(scene(Threads(Clock::new())))
}
executor_passes!(threads: unwinding, other_threads, real_time, blocking);

/// The first block of code in the guide.
fn executor() -> &'static str {
    let (_, from) = GUIDE.split_once("```rust\n").expect("the guide shows code");
    from.split_once("```").expect("the code ends").0
}

#[test]
fn the_guide_shows_the_executor_of_the_example_word_for_word() {
    assert!(EXAMPLE.contains(executor()), "the guide shows another executor than the example has");
}

#[test]
fn a_whole_executor_has_at_most_sixty_lines() {
    let lines = executor().lines().count();
    assert!((20..=60).contains(&lines), "{lines} lines");
}

#[test]
fn the_guide_names_the_sentences_that_check_its_rules_and_no_others() {
    let groups = [
        everywhere::SENTENCES,
        unwinding::SENTENCES,
        other_threads::SENTENCES,
        real_time::SENTENCES,
        blocking::SENTENCES,
    ];
    let sentences: Vec<_> = groups.into_iter().flatten().map(Sentence::name).collect();
    let unnamed: Vec<_> = sentences.iter().filter(|name| !GUIDE.contains(&format!("`{name}`"))).collect();
    assert!(unnamed.is_empty(), "the guide does not say what these are for: {unnamed:?}");

    let rules = GUIDE.lines().filter(|line| line.contains("MUST"));
    let unchecked: Vec<_> =
        rules.filter(|rule| !sentences.iter().any(|name| rule.contains(&format!("`{name}`")))).collect();
    assert!(unchecked.is_empty(), "nothing checks these: {unchecked:?}");
}
