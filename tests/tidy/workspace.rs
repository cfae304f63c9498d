//! The workspace as text: every text file in the tree, and the Rust ones parsed.

use std::fs;
use std::path::Path;

use crate::source::{Role, Source};

/// What is in the tree, or beside it, without being part of it.
const FOREIGN: &[&str] = &[".git", "target", "scratch"];

pub(crate) struct Workspace {
    pub(crate) texts: Vec<Text>,
    pub(crate) sources: Vec<Source>,
}

/// A text file, by its path from the root, with `/` between the parts.
pub(crate) struct Text {
    pub(crate) path: String,
    pub(crate) content: String,
}

impl Workspace {
    pub(crate) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut texts = Vec::new();
        read_folder(root, root, &mut texts);
        texts.sort_by(|a, b| a.path.cmp(&b.path));
        Self::of(texts)
    }

    pub(crate) fn of(texts: Vec<Text>) -> Self {
        let rust = texts.iter().filter(|text| text.path.ends_with(".rs"));
        let mut sources: Vec<Source> = rust.map(|text| Source::parse(&text.path, &text.content)).collect();
        mark_test_modules(&mut sources);
        Self { texts, sources }
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.iter().find(|text| text.path == path).map(|text| text.content.as_str())
    }
}

fn read_folder(root: &Path, folder: &Path, texts: &mut Vec<Text>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if FOREIGN.contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            read_folder(root, &path, texts);
        } else if let Ok(content) = fs::read_to_string(&path) {
            texts.push(Text { path: relative(root, &path), content });
        }
    }
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// A file is test code when the `mod` that declares it is: the file itself does not say so.
fn mark_test_modules(sources: &mut [Source]) {
    let modules: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
    for source in sources {
        let declared = |module: &String| {
            source.path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        if modules.iter().any(declared) {
            source.role = Role::Test;
        }
    }
}
