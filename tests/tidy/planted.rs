//! Each rule against offences planted for it, and the innocent code most like them.

use crate::rule::Rule;
use crate::workspace::{Text, Workspace};

fn offences<const N: usize>(rule: Rule, files: [(&str, &str); N]) -> Vec<String> {
    let text = |(path, content): (&str, &str)| Text { path: path.into(), content: content.into() };
    let offences = rule.offences(&Workspace::of(files.map(text).into()));
    offences.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn guilty(rule: Rule, path: &str, content: &str, line: usize) {
    let offences = offences(rule, [(path, content)]);
    let found = offences.iter().any(|offence| offence.starts_with(&format!("{path}:{line}: ")));
    assert!(
        found && offences.len() == 1,
        "{rule:?} should find line {line} of {content}, found {offences:?}"
    );
}

#[track_caller]
fn innocent(rule: Rule, path: &str, content: &str) {
    assert_eq!(offences(rule, [(path, content)]), [] as [&str; 0], "{rule:?} on {content}");
}

#[test]
fn a_header_is_one_short_sentence() {
    guilty(Rule::Header, "src/a.rs", "use b::C;", 1);
    guilty(Rule::Header, "src/a.rs", "//! # Title.", 1);
    guilty(Rule::Header, "src/a.rs", "//! A sentence which goes on\n//! and on.", 1);
    guilty(Rule::Header, "src/a.rs", &format!("//! {}.", "word ".repeat(20)), 1);
    innocent(Rule::Header, "src/a.rs", "//! `Cell`: one actor.\n//!\n//! More.");
}

#[test]
fn the_length_of_a_file_leaves_out_its_tests() {
    let code = "const A: u8 = 1;\n".repeat(400);
    innocent(Rule::FileLength, "src/a.rs", &code);
    innocent(Rule::FileLength, "src/a.rs", &format!("{code}#[cfg(test)]\nmod tests {{\n{code}}}\n"));
    innocent(Rule::FileLength, "tests/a.rs", &code.repeat(2));
    guilty(Rule::FileLength, "src/a.rs", &format!("{code}#[cfg(not(test))]\nmod tests {{}}\n"), 401);
}

#[test]
fn a_module_declared_for_tests_is_test_code() {
    let long = "const A: u8 = 1;\n".repeat(500);
    let declared = ("core/src/actor/mod.rs", "#[cfg(all(test, loom))]\nmod model;");
    let files = |path| [declared, (path, long.as_str())];
    assert_eq!(offences(Rule::FileLength, files("core/src/actor/model.rs")).len(), 0);
    assert_eq!(offences(Rule::FileLength, files("core/src/actor/model/cases.rs")).len(), 0);
    assert_eq!(offences(Rule::FileLength, files("core/src/actor/models.rs")).len(), 1);
}

#[test]
fn a_function_is_measured_from_its_signature_to_its_brace() {
    let function = |lines: usize| format!("/// Does.\nfn a() {{\n{}}}", "    b();\n".repeat(lines - 2));
    innocent(Rule::FunctionLength, "tests/a.rs", &function(60));
    guilty(Rule::FunctionLength, "tests/a.rs", &function(61), 2);
    guilty(Rule::FunctionLength, "src/a.rs", &format!("impl A {{\n{}\n}}", function(61)), 3);
}

#[test]
fn self_is_no_argument() {
    innocent(Rule::Arguments, "src/a.rs", "trait A { fn a(&self, a: A, b: A, c: A, d: A, e: A); }");
    guilty(Rule::Arguments, "src/a.rs", "fn a(a: A, b: A, c: A, d: A, e: A, f: A) {}", 1);
}

#[test]
fn only_public_types_are_held_to_two_parameters() {
    guilty(Rule::TypeParameters, "src/a.rs", "\npub struct A<T, U, V>(T, U, V);", 2);
    innocent(Rule::TypeParameters, "src/a.rs", "pub struct A<'a, 'b, T, U, const N: usize>(T, U);");
    innocent(Rule::TypeParameters, "src/a.rs", "pub(crate) struct A<T, U, V>(T, U, V);");
    innocent(Rule::TypeParameters, "src/a.rs", "#[cfg(test)]\nmod tests { pub struct A<T, U, V>(T, U, V); }");
}

#[test]
fn a_name_is_judged_word_by_word() {
    guilty(Rule::Names, "src/a.rs", "struct ConnectionManager;", 1);
    guilty(Rule::Names, "src/a.rs", "fn process_impl() {}", 1);
    guilty(Rule::Names, "src/a.rs", "macro_rules! a { () => { fn do_it() {} } }", 1);
    guilty(Rule::Names, "tests/common/mod.rs", "", 1);
    innocent(Rule::Names, "src/a.rs", "impl Implicit { fn doing() {} fn utilize() {} fn todo() {} }");
}

#[test]
fn a_layer_imports_itself_and_those_below() {
    innocent(
        Rule::Layers,
        "core/src/actor/cell.rs",
        "use crate::{time::Instant, dispatch::Queue, actor::Ref};",
    );
    innocent(Rule::Layers, "core/src/actor/cell.rs", "use super::reference::Ref; use alloc::boxed::Box;");
    innocent(
        Rule::Layers,
        "core/src/time.rs",
        "#[cfg(test)] mod tests { use super::*; use crate::node::Node; }",
    );
    innocent(Rule::Layers, "core/src/lib.rs", "pub use crate::node::ActorSystem;");
}

#[test]
fn a_layer_is_found_out_however_it_looks_up() {
    guilty(Rule::Layers, "core/src/time.rs", "use crate::executor::Executor;", 1);
    guilty(
        Rule::Layers,
        "core/src/dispatch/queue.rs",
        "use crate::{\n    rng::Rng,\n    actor::{Ref as Other},\n};",
        3,
    );
    guilty(Rule::Layers, "core/src/actor/cell.rs", "fn a() {\n    crate::node::start();\n}", 2);
    guilty(Rule::Layers, "core/src/actor/cell.rs", "use super::super::node::Node;", 1);
    guilty(
        Rule::Layers,
        "core/src/actor/cell.rs",
        "mod inner { type A = super::super::super::node::Node; }",
        1,
    );
    guilty(Rule::Layers, "core/src/time.rs", "fn a() { assert!(crate::node::IS) }", 1);
    guilty(Rule::Layers, "core/src/time.rs", "use super::*;", 1);
    guilty(Rule::Layers, "core/src/time.rs", "use crate::Instant as Now;", 1);
    guilty(Rule::Layers, "core/src/unknown.rs", "", 1);
}

#[test]
fn a_crate_knows_core_and_no_sibling() {
    innocent(Rule::Crates, "executors/smol/src/lib.rs", "use casty_core::Executor;");
    innocent(Rule::Crates, "executors/smol/tests/conformance.rs", "use casty_testkit::conformance;");
    innocent(Rule::Crates, "src/lib.rs", "pub use casty_smol::block_on;");
    guilty(Rule::Crates, "executors/smol/src/lib.rs", "use casty_simulation::Simulation;", 1);
    guilty(Rule::Crates, "core/src/lib.rs", "type A = casty_smol::Smol;", 1);
    guilty(Rule::Crates, "testkit/src/lib.rs", "use casty::prelude::*;", 1);
}

#[test]
fn a_feature_is_asked_for_at_the_edges_of_core() {
    const ASKED: &str = "\n#[cfg(all(loom, feature = \"std\"))]\nuse a::B;";
    guilty(Rule::Features, "core/src/time.rs", ASKED, 2);
    guilty(Rule::Features, "core/src/time.rs", "fn a() { if cfg!(feature = \"std\") {} }", 1);
    guilty(Rule::Features, "core/src/time.rs", "#[cfg_attr(feature = \"std\", derive(Debug))]\nstruct A;", 1);
    innocent(Rule::Features, "core/src/sync/lock.rs", ASKED);
    innocent(Rule::Features, "core/src/time.rs", "#[cfg(loom)]\nuse a::feature;");
    innocent(Rule::Features, "src/lib.rs", ASKED);
}

#[test]
fn core_is_written_out_and_keeps_its_state_with_an_owner() {
    guilty(Rule::Core, "core/src/time.rs", "pub async fn a() {}", 1);
    innocent(Rule::Core, "core/src/persist/following.rs", "async fn a() {}");
    guilty(Rule::Core, "core/src/persist/following.rs", "static A: u8 = 1;", 1);
    guilty(Rule::Core, "core/src/time.rs", "static A: u8 = 1;", 1);
    guilty(Rule::Core, "core/src/time.rs", "fn a() {\n    todo!()\n}", 2);
    innocent(Rule::Core, "core/src/time.rs", "fn a<T: 'static + B>(a: &'static B) { async move {}; }");
    innocent(Rule::Core, "core/src/time.rs", "#[cfg(test)]\nmod tests { static A: u8 = 1; async fn a() {} }");
    innocent(Rule::Core, "executors/smol/src/lib.rs", "thread_local! { static A: u8 = 1; }");
}

#[test]
fn a_test_that_waits_for_real_time_is_found_in_any_spelling() {
    guilty(Rule::Sleeps, "tests/a.rs", "fn a() {\n    std::thread::sleep(b);\n}", 2);
    guilty(Rule::Sleeps, "tests/a.rs", "use std::thread::{Builder, sleep};", 1);
    guilty(Rule::Sleeps, "tests/a.rs", "proptest! { fn a() { Timer::after(b); } }", 1);
    guilty(Rule::Sleeps, "src/a.rs", "#[test]\nfn a() { thread::sleep(b) }", 2);
    innocent(Rule::Sleeps, "src/a.rs", "fn a() { thread::sleep(b) }");
    innocent(Rule::Sleeps, "tests/a.rs", "/// Not `thread::sleep(a)`.\nfn a() { executor.sleep_until(b) }");
}

#[test]
fn an_absolute_path_of_a_machine_is_found_in_any_text() {
    let of = |folder: &str| format!("first\nsee /{folder}/me/casty");
    guilty(Rule::MachinePaths, "README.md", &of("home"), 2);
    guilty(Rule::MachinePaths, "Cargo.toml", &of("work"), 2);
    innocent(Rule::MachinePaths, "README.md", &of("examples"));
    innocent(Rule::MachinePaths, "README.md", &format!("https://casty.dev/{}/me", "home"));
}

#[test]
fn an_example_is_listed_by_its_name() {
    let listed =
        |readme| offences(Rule::Examples, [("examples/hello.rs", ""), ("README.md", readme)]).is_empty();
    assert!(listed("- `hello`: a greeter"));
    assert!(listed("[hello](examples/hello.rs)"));
    assert!(!listed("hello, world"));
}

#[test]
fn a_guarantee_without_a_living_test_is_found() {
    const TESTS: (&str, &str) = ("tests/a.rs", "proptest! { #[test] fn in_order(a in 0..1) {} }");
    let found = |page| offences(Rule::Guarantees, [("SEMANTICS.md", page), TESTS]);
    assert!(found("- In order,\n  always (test: `in_order`).").is_empty());
    assert!(found("* No promise.\n- In order (tests: `local::in_order`, `in_order`).").is_empty());
    assert_eq!(found("\n- At most once."), ["SEMANTICS.md:2: names no test"]);
    assert_eq!(
        found("- Once (test: `once`)"),
        ["SEMANTICS.md:1: names the test `once`, which does not exist"]
    );
    assert_eq!(found("").len(), 1);
}

#[test]
fn a_scenario_without_a_living_test_or_a_reason_is_found() {
    const TESTS: (&str, &str) = ("tests/a.rs", "#[test] fn in_order() {}");
    const HEAD: &str = "| Spec | what | by |\n|---|---|---|\n";
    let found =
        |rows: &str| offences(Rule::Scenarios, [("tests/SCENARIOS.md", &*format!("{HEAD}{rows}")), TESTS]);
    assert!(found("| A | in order | `in_order`, `local::in_order` (here) |\n").is_empty());
    assert!(found("| A | in order | - no such feature |\n| B | - | - not yet: `in_order` |").is_empty());
    let unnamed = ["tests/SCENARIOS.md:3: names no test"];
    assert_eq!(found("| A | `in_order` | |"), unnamed);
    assert_eq!(found("| A | in order | in_order |"), unnamed);
    assert_eq!(found("| A | in order"), unnamed);
    assert_eq!(
        found("| A | in order | - not yet: `once` |"),
        ["tests/SCENARIOS.md:3: names the test `once`, which does not exist"]
    );
    assert_eq!(found("").len(), 1);
}
