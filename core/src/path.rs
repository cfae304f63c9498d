//! Where an actor stands in the tree, as text: `casty://system/parent/child`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// The longest name of an actor or a system, in bytes.
pub const NAME_BYTES_MAX: usize = 128;

/// Where an actor stands in the tree: the name of its system, then the names from the root down.
///
/// An actor without a name of its own shows as `$` and its number.
///
/// ```
/// use casty_core::Path;
///
/// let path: Path = "casty://bank/accounts/alice".parse()?;
/// assert_eq!(path.system(), "bank");
/// assert_eq!(path.name(), "alice");
/// assert_eq!(path.to_string(), "casty://bank/accounts/alice");
/// # Ok::<(), casty_core::InvalidPath>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    system: String,
    node: Option<String>,
    names: Vec<String>,
}

impl Path {
    /// The path of `names`, from the root down, in `system`.
    pub(crate) const fn new(system: String, names: Vec<String>) -> Self {
        Self { system, node: None, names }
    }

    /// The path of `names` on another node of `system`.
    pub(crate) fn elsewhere(system: &str, node: &str, path: &str) -> Self {
        let names = path.split('/').filter(|name| !name.is_empty()).map(String::from).collect();
        Self { system: String::from(system), node: Some(String::from(node)), names }
    }

    /// The names as one text, from the root down.
    pub(crate) fn below(&self) -> String {
        self.names.join("/")
    }

    /// The path that a user asked for in `system`, whole or from the root down, to be shown: it may not be a
    /// valid one.
    pub(crate) fn asked_for(system: &str, path: &str) -> Self {
        let (system, below) = match path.strip_prefix("casty://") {
            Some(whole) => whole.split_once('/').unwrap_or((whole, "")),
            None => (system, path.strip_prefix('/').unwrap_or(path)),
        };
        let names = below.split('/').filter(|name| !name.is_empty()).map(String::from).collect();
        Self { system: String::from(system), node: None, names }
    }

    /// The name of the system.
    #[must_use]
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The name of the node, of an actor on another one.
    ///
    /// ```
    /// let path: casty_core::Path = "casty://bank@node-2/accounts/alice".parse().unwrap();
    /// assert_eq!((path.system(), path.node()), ("bank", Some("node-2")));
    /// ```
    #[must_use]
    pub fn node(&self) -> Option<&str> {
        self.node.as_deref()
    }

    /// The actor's own name: the last one; empty for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// The names from the root down.
    ///
    /// ```
    /// let path: casty_core::Path = "casty://bank/accounts/alice".parse().unwrap();
    /// assert!(path.names().eq(["accounts", "alice"]));
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The path of the parent; `None` for the root.
    ///
    /// ```
    /// let path: casty_core::Path = "casty://bank/accounts/alice".parse().unwrap();
    /// let above = path.parent().unwrap();
    /// assert_eq!(above.to_string(), "casty://bank/accounts");
    /// assert_eq!(above.parent().unwrap().parent(), None);
    /// ```
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.names.split_last()?;
        Some(Self { system: self.system.clone(), node: self.node.clone(), names: above.to_vec() })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "casty://{}", self.system)?;
        if let Some(node) = &self.node {
            write!(f, "@{node}")?;
        }
        self.names.iter().try_for_each(|name| write!(f, "/{name}"))
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Path {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        let Some(rest) = text.strip_prefix("casty://") else {
            return Err(InvalidPath::Scheme);
        };
        let mut names = rest.split('/').map(|name| match part(name) {
            Ok(()) => Ok(String::from(name)),
            Err(error) => Err(InvalidPath::Name(String::from(name), error)),
        });
        // `split` yields at least one piece, so the system's name is always there to be judged.
        let system = names.next().unwrap_or(Err(InvalidPath::Scheme))?;
        let (system, node) = match system.split_once('@') {
            Some((system, node)) => (String::from(system), Some(String::from(node))),
            None => (system, None),
        };
        Ok(Self { system, node, names: names.collect::<Result<_, _>>()? })
    }
}

/// Why a text is not the path of an actor.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum InvalidPath {
    /// It does not begin with `casty://`.
    Scheme,
    /// One of its names, given here, cannot be one.
    Name(String, InvalidName),
}

impl fmt::Display for InvalidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("a path begins with `casty://`"),
            Self::Name(name, error) => write!(f, "the name `{name}` in the path: {error}"),
        }
    }
}

impl core::error::Error for InvalidPath {}

/// Why a text cannot be the name of an actor or a system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum InvalidName {
    /// It is empty.
    Empty,
    /// It is longer than [`NAME_BYTES_MAX`].
    Long,
    /// It has this character: a slash, a control character or white space.
    Character(char),
    /// It begins with `$`, as only actors without a name do.
    Reserved,
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a name must not be empty"),
            Self::Long => write!(f, "a name has at most {NAME_BYTES_MAX} bytes"),
            Self::Character(c) => write!(f, "a name must not contain {c:?}"),
            Self::Reserved => f.write_str("a name must not begin with `$`"),
        }
    }
}

impl core::error::Error for InvalidName {}

/// Judges a name that a user gives.
pub(crate) fn check_name(name: &str) -> Result<(), InvalidName> {
    if name.starts_with('$') { Err(InvalidName::Reserved) } else { part(name) }
}

/// Judges a name as it may stand in a path.
fn part(name: &str) -> Result<(), InvalidName> {
    if name.is_empty() {
        return Err(InvalidName::Empty);
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(InvalidName::Long);
    }
    match name.chars().find(|c| *c == '/' || c.is_control() || is_space(*c)) {
        Some(c) => Err(InvalidName::Character(c)),
        None => Ok(()),
    }
}

/// Whether it is white space, as `char::is_whitespace` says, but without its table.
const fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ' | '\u{85}' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    use super::is_space;

    #[test]
    fn white_space_is_what_it_is_to_the_library() {
        assert!(('\0'..=char::MAX).all(|c| is_space(c) == c.is_whitespace()));
    }
}
