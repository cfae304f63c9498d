//! A rule of the house: where it looks, and what cures an offence.

use core::fmt;

use crate::source::Source;
use crate::workspace::Workspace;
use crate::{imports, names, pages, purity, shape};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rule {
    Header,
    FileLength,
    FunctionLength,
    Arguments,
    TypeParameters,
    Names,
    Layers,
    Crates,
    Features,
    Core,
    Sleeps,
    MachinePaths,
    Examples,
    Guarantees,
    Scenarios,
}

impl Rule {
    /// Every place in `workspace` that breaks this rule, exceptions included.
    pub(crate) fn offences(self, workspace: &Workspace) -> Vec<Offence> {
        let in_sources = |check: Check| workspace.sources.iter().flat_map(check).collect();
        match self {
            Self::Header => in_sources(shape::header),
            Self::FileLength => in_sources(shape::file_length),
            Self::FunctionLength => in_sources(shape::function_length),
            Self::Arguments => in_sources(shape::arguments),
            Self::TypeParameters => in_sources(shape::type_parameters),
            Self::Names => in_sources(names::empty_words),
            Self::Layers => in_sources(imports::layers),
            Self::Crates => in_sources(imports::crates),
            Self::Features => in_sources(purity::features),
            Self::Core => in_sources(purity::core),
            Self::Sleeps => in_sources(purity::sleeps),
            Self::MachinePaths => pages::machine_paths(workspace),
            Self::Examples => pages::examples(workspace),
            Self::Guarantees => pages::guarantees(workspace),
            Self::Scenarios => pages::scenarios(workspace),
        }
    }

    pub(crate) const fn cure(self) -> &'static str {
        match self {
            Self::Header => {
                "open the file with `//! ` and its one responsibility: a sentence that ends on the first \
                 line, within 90 columns. A file that needs two sentences is two files."
            }
            Self::FileLength => "find the second noun in the file and give it a file of its own.",
            Self::FunctionLength => "keep the branches here and move the straight-line parts out.",
            Self::Arguments => "what always travels together is a struct that has not been named yet.",
            Self::TypeParameters => "erase a parameter on the cold path, or make it an associated type.",
            Self::Names => "say what the thing is or does in the words of the domain.",
            Self::Layers => {
                "move the shared word down a layer, or turn the call into a value handed back up."
            }
            Self::Crates => "depend on casty_core only; what joins crates belongs in the facade.",
            Self::Features => "let `sync` or `log` hide the choice behind one name with one meaning.",
            Self::Core => "write the future by hand, give the state an owner, finish the code.",
            Self::Sleeps => "run it on the simulated executor, where time moves when the test says so.",
            Self::MachinePaths => "write the path relative to the root of the repository.",
            Self::Examples => "add a line with its name in backquotes to the list in README.md.",
            Self::Guarantees => {
                "end the bullet in SEMANTICS.md with (test: `name`), where `fn name` is a test that would \
                 fail without the guarantee. A list that promises nothing begins its lines with `*`."
            }
            Self::Scenarios => {
                "let the last cell of the row name a test in backquotes, and nothing else in them, or begin \
                 with `- ` and why there is none."
            }
        }
    }
}

/// How a rule that looks at one source at a time finds its offences.
type Check = fn(&Source) -> Vec<Offence>;

/// One place that breaks a rule.
pub(crate) struct Offence {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl Offence {
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.into(), line, what: what.into() }
    }
}

impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}
