//! Who may import whom: imports point one way.

use crate::paths::{Path, paths};
use crate::rule::Offence;
use crate::source::Source;

/// The layers of core, from the ground up: each may import itself and those before it.
const LAYERS: &[(&str, &[&str])] = &[
    ("ground", &["time", "rng", "id", "path", "node_id", "trace", "sync", "footprint", "log"]),
    ("cluster", &["cluster"]),
    ("ports", &["executor", "journal", "lease", "transport", "codec", "compression"]),
    ("dispatch", &["dispatch"]),
    ("actor", &["actor"]),
    ("persist", &["persist"]),
    ("remote", &["remote"]),
    ("node", &["node"]),
];

/// The crates that a folder may import; a folder that is not here joins them, and may import all.
const CRATES: &[(&str, &[&str])] = &[
    ("core/", &[]),
    ("codecs/", &["casty_core"]),
    ("executors/hosted/", &["casty_core"]),
    ("executors/embassy/", &["casty_core", "casty_bare"]),
    ("executors/", &["casty_core", "casty_hosted"]),
    ("journals/", &["casty_core"]),
    ("transports/serial/", &["casty_core", "casty_datagram"]),
    ("transports/udp/", &["casty_core", "casty_datagram"]),
    ("transports/", &["casty_core"]),
    ("testkit/", &["casty_core", "casty_simulation"]),
];

pub(crate) fn layers(source: &Source) -> Vec<Offence> {
    let module = source.module();
    // `lib.rs` has no module path: it is where the layers are put together.
    let Some(own) = module.first().filter(|_| source.path.starts_with("core/src/")) else {
        return Vec::new();
    };
    let Some(layer) = layer_of(own) else {
        return vec![Offence::new(&source.path, 1, format!("`{own}` has no layer in tests/tidy/imports.rs"))];
    };
    let paths = paths(&source.tokens);
    let inward = paths.iter().filter(|path| source.is_library(path.line)).filter_map(|path| {
        let what = upward(layer, &resolve(&module, path)?)?;
        Some(Offence::new(&source.path, path.line, what))
    });
    inward.collect()
}

pub(crate) fn crates(source: &Source) -> Vec<Offence> {
    let Some((_, allowed)) = CRATES.iter().find(|(folder, _)| source.path.starts_with(folder)) else {
        return Vec::new();
    };
    let foreign = |path: &Path| {
        let name = path.segments[0].as_str();
        (name == "casty" || name.starts_with("casty_")) && !allowed.contains(&name)
    };
    let paths = paths(&source.tokens);
    let upward = paths.iter().filter(|path| foreign(path) && source.is_library(path.line));
    upward.map(|path| Offence::new(&source.path, path.line, imports(&path.segments))).collect()
}

/// The position of a module's layer in the table.
fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, modules)| modules.contains(&module))
}

/// What is wrong with a file of `layer` that names `path`.
fn upward(layer: usize, path: &[String]) -> Option<String> {
    match layer_of(&path[0]) {
        Some(other) if other <= layer => None,
        Some(other) => Some(format!("{}: {} is above {}", imports(path), LAYERS[other].0, LAYERS[layer].0)),
        None => Some(format!("{}, which is in no layer: import it from its module", imports(path))),
    }
}

/// Where a path into the crate itself leads, from the crate's root; `None` for other paths.
fn resolve(module: &[String], path: &Path) -> Option<Vec<String>> {
    let mut here = [module, &path.inside].concat();
    let mut rest = path.segments.as_slice();
    match rest[0].as_str() {
        "crate" => here.clear(),
        "self" | "super" => {}
        _ => return None,
    }
    while let [first, after @ ..] = rest {
        match first.as_str() {
            "crate" | "self" => {}
            "super" => {
                here.pop();
            }
            _ => break,
        }
        rest = after;
    }
    here.extend_from_slice(rest);
    Some(here).filter(|path| !path.is_empty())
}

fn imports(path: &[String]) -> String {
    format!("imports `{}`", path.join("::"))
}
