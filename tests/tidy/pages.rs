//! What the pages claim: examples listed, guarantees and scenarios tested, true paths.

use crate::rule::Offence;
use crate::source::Source;
use crate::tokens;
use crate::workspace::{Text, Workspace};

/// Folders right below the root of a file system in which developers keep their work.
const MACHINE_FOLDERS: &[&str] = &["home", "work", "Users"];

pub(crate) fn machine_paths(workspace: &Workspace) -> Vec<Offence> {
    workspace.texts.iter().flat_map(machine_paths_of).collect()
}

fn machine_paths_of(text: &Text) -> Vec<Offence> {
    let lines = text.content.lines().zip(1..);
    let found = lines.filter_map(|(line, number)| {
        let folder = MACHINE_FOLDERS.iter().find(|folder| names_folder(line, folder))?;
        Some(Offence::new(&text.path, number, format!("names a path in the folder {folder} of one machine")))
    });
    found.collect()
}

/// Whether an absolute path into `folder` begins in `line`; one that goes on from a name is relative.
fn names_folder(line: &str, folder: &str) -> bool {
    let goes_on = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || "._-~".contains(c));
    line.match_indices(&format!("/{folder}/")).any(|(at, _)| !goes_on(&line[..at]))
}

pub(crate) fn examples(workspace: &Workspace) -> Vec<Offence> {
    let readme = workspace.text("README.md").unwrap_or_default();
    let names = workspace.sources.iter().filter_map(example);
    let missing = names.filter(|name| {
        let mentions = [format!("`{name}`"), format!("--example {name}"), format!("examples/{name}.rs")];
        !mentions.iter().any(|mention| readme.contains(mention))
    });
    missing.map(|name| Offence::new("README.md", 1, format!("does not list the example `{name}`"))).collect()
}

fn example(source: &Source) -> Option<&str> {
    let name = source.path.strip_prefix("examples/")?.strip_suffix(".rs")?;
    (!name.contains('/')).then_some(name)
}

pub(crate) fn guarantees(workspace: &Workspace) -> Vec<Offence> {
    const PAGE: &str = "SEMANTICS.md";
    let bullets = bullets(workspace.text(PAGE).unwrap_or_default());
    if bullets.is_empty() {
        return vec![Offence::new(PAGE, 1, "guarantees nothing: no line begins with `- `")];
    }
    let tests = tests(workspace);
    let untested = |(line, bullet): &(usize, String)| {
        Some(Offence::new(PAGE, *line, lacks_test(&named_tests(bullet), &tests)?))
    };
    bullets.iter().filter_map(untested).collect()
}

pub(crate) fn scenarios(workspace: &Workspace) -> Vec<Offence> {
    const PAGE: &str = "tests/SCENARIOS.md";
    let rows = rows(workspace.text(PAGE).unwrap_or_default());
    if rows.is_empty() {
        return vec![Offence::new(PAGE, 1, "shows nothing: it has no table")];
    }
    let tests = tests(workspace);
    let unshown = |(line, shown): &(usize, &str)| {
        let named = quoted(shown);
        let is_excused = named.is_empty() && shown.starts_with(" - ");
        let what = if is_excused { None } else { lacks_test(&named, &tests) };
        Some(Offence::new(PAGE, *line, what?))
    };
    rows.iter().filter_map(unshown).collect()
}

/// The third cell of each row of a table, without its head.
fn rows(page: &str) -> Vec<(usize, &str)> {
    let below = page.lines().zip(page.lines().skip(1)).zip(2..);
    let rows = below.filter(|((above, line), _)| above.starts_with('|') && line.starts_with("| "));
    rows.map(|((_, line), number)| (number, line.split('|').nth(3).unwrap_or_default())).collect()
}

/// Each line that begins with `- `, with the indented lines that carry it on.
fn bullets(page: &str) -> Vec<(usize, String)> {
    let mut bullets: Vec<(usize, String)> = Vec::new();
    for (line, number) in page.lines().zip(1..) {
        if line.starts_with("- ") {
            bullets.push((number, line.into()));
        } else if let (Some((_, bullet)), true) = (bullets.last_mut(), line.starts_with("  ")) {
            bullet.push(' ');
            bullet.push_str(line.trim());
        }
    }
    bullets
}

fn lacks_test(named: &[String], tests: &[String]) -> Option<String> {
    if named.is_empty() {
        return Some("names no test".into());
    }
    let missing = named.iter().find(|name| !tests.contains(name))?;
    Some(format!("names the test `{missing}`, which does not exist"))
}

/// The names in every `(test: ..)` or `(tests: ..)`.
fn named_tests(bullet: &str) -> Vec<String> {
    let bullet = bullet.replace("(tests:", "(test:");
    let lists = bullet.split("(test:").skip(1).map(|list| list.split(')').next().unwrap_or_default());
    lists.flat_map(quoted).collect()
}

/// The names in backquotes, without their modules.
fn quoted(text: &str) -> Vec<String> {
    let names = text.split('`').skip(1).step_by(2);
    names.map(|name| name.rsplit("::").next().unwrap_or(name).into()).collect()
}

/// Every function of test code; those of the testkit are called by the suites of the backends.
fn tests(workspace: &Workspace) -> Vec<String> {
    let functions = |source: &Source| -> Vec<String> {
        let kit = source.path.starts_with("testkit/src/");
        let declared = tokens::declarations(&source.tokens, &["fn"]).into_iter();
        declared
            .filter(|function| kit || source.is_test(function.line))
            .map(|function| function.name)
            .collect()
    };
    workspace.sources.iter().flat_map(functions).collect()
}
