//! The rules of the house: one test each, which names every offence and its cure.
//!
//! ```text
//! workspace ─▶ source ─ tokens, paths ─▶ shape · names · imports · purity · pages ─ rule ─▶ offences
//! ```
//!
//! A rule bends for one file, in the table below and with the reason, and never by an attribute.

mod workspace;

mod source;
mod test_items;
mod paths;
mod tokens;

mod imports;
mod names;
mod pages;
mod purity;
mod shape;

mod rule;

mod planted;

use rule::{Offence, Rule};
use workspace::Workspace;

/// What one file may do although a rule forbids it: the file, the rule, the reason.
type Exception = (&'static str, Rule, &'static str);

const EXCEPTIONS: &[Exception] = &[
    ("tests/tidy/shape.rs", Rule::Names, "syn names the methods of its visitor after the keyword `impl`"),
    (
        "core/src/sync/parcel_text.rs",
        Rule::Core,
        "without std an error of serde carries only text: a number, for as long as it lives, of what is meant",
    ),
];

#[test]
fn every_file_opens_with_its_one_responsibility() {
    hold(Rule::Header);
}

#[test]
fn a_library_file_has_at_most_400_lines() {
    hold(Rule::FileLength);
}

#[test]
fn a_function_has_at_most_60_lines() {
    hold(Rule::FunctionLength);
}

#[test]
fn a_function_has_at_most_5_arguments() {
    hold(Rule::Arguments);
}

#[test]
fn a_public_type_has_at_most_2_type_parameters() {
    hold(Rule::TypeParameters);
}

#[test]
fn no_name_says_only_that_something_is_there() {
    hold(Rule::Names);
}

#[test]
fn the_layers_of_core_import_one_way() {
    hold(Rule::Layers);
}

#[test]
fn a_crate_imports_only_the_crates_below_it() {
    hold(Rule::Crates);
}

#[test]
fn core_asks_for_features_only_at_its_edges() {
    hold(Rule::Features);
}

#[test]
fn core_has_no_async_fn_no_static_and_nothing_left_to_write() {
    hold(Rule::Core);
}

#[test]
fn no_test_sleeps_and_hopes() {
    hold(Rule::Sleeps);
}

#[test]
fn no_file_names_a_folder_of_a_developers_machine() {
    hold(Rule::MachinePaths);
}

#[test]
fn every_example_is_listed_in_the_readme() {
    hold(Rule::Examples);
}

#[test]
fn every_guarantee_names_a_test_that_exists() {
    hold(Rule::Guarantees);
}

#[test]
fn every_scenario_names_a_test_that_exists_or_says_why_there_is_none() {
    hold(Rule::Scenarios);
}

#[test]
fn an_exception_that_excuses_nothing_is_gone() {
    let workspace = Workspace::read();
    for (path, rule, reason) in EXCEPTIONS {
        let needed = rule.offences(&workspace).iter().any(|offence| offence.path == *path);
        assert!(needed, "{path} keeps {rule:?} by now: remove its exception ({reason})");
    }
}

fn hold(rule: Rule) {
    let mut offences = rule.offences(&Workspace::read());
    offences.retain(|offence| !excused(rule, offence));
    assert!(offences.is_empty(), "{}", report(rule, &offences));
}

fn excused(rule: Rule, offence: &Offence) -> bool {
    EXCEPTIONS.iter().any(|(path, excused, _)| *path == offence.path && *excused == rule)
}

fn report(rule: Rule, offences: &[Offence]) -> String {
    let found: String = offences.iter().map(|offence| format!("  {offence}\n")).collect();
    format!("{} found\n\n{found}\nWhat to do: {}\n", offences.len(), rule.cure())
}
