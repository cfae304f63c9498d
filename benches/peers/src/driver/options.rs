//! What the command line asks the driver for.

use std::path::PathBuf;

use crate::driver::plan::{CLASSES, CONTENDERS, Contender, Scale};
use crate::row::Row;

/// What is to be measured, and where results go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// The rows.
    pub rows: Vec<Row>,
    /// The columns.
    pub contenders: Vec<Contender>,
    /// The classes.
    pub classes: Vec<usize>,
    /// The size of each.
    pub scale: Scale,
    /// How often.
    pub repetitions: usize,
    /// Where the order of the contenders comes from.
    pub seed: u64,
    /// The folder of the contenders built with mimalloc, for a second table.
    pub mimalloc: Option<PathBuf>,
    /// The folder for the page and the chart, which only a whole run writes.
    pub results: Option<PathBuf>,
}

impl Options {
    /// Reads `words`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            rows: Row::ALL.into(),
            contenders: CONTENDERS.into(),
            classes: CLASSES.into(),
            scale: Scale::Full,
            repetitions: 0,
            seed: 1,
            mimalloc: None,
            results: None,
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--quick" => options.scale = Scale::Quick,
                "--reps" => options.repetitions = number(&value()?)?.max(1),
                "--seed" => options.seed = number(&value()?)? as u64,
                "--threads" => options.classes = vec![class(&value()?)?],
                "--contenders" => options.contenders = contenders(&value()?)?,
                "--mimalloc" => options.mimalloc = Some(value()?.into()),
                "--results" => options.results = Some(value()?.into()),
                flag if flag.starts_with('-') => return Err(format!("there is no {flag}")),
                name => options.rows = rows(name)?,
            }
        }
        if options.repetitions == 0 {
            options.repetitions = if options.scale == Scale::Quick { 3 } else { 5 };
        }
        Ok(options)
    }

    /// Whether everything is measured: only then is there a page to write.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.rows == Row::ALL && self.contenders == CONTENDERS && self.classes == CLASSES
    }
}

fn number(word: &str) -> Result<usize, String> {
    word.parse().map_err(|error| format!("{word}: {error}"))
}

fn class(word: &str) -> Result<usize, String> {
    let threads = number(word)?;
    if CLASSES.contains(&threads) { Ok(threads) } else { Err(format!("the classes are {CLASSES:?}")) }
}

/// The row of that name, or all whose names begin so.
fn rows(name: &str) -> Result<Vec<Row>, String> {
    if let Some(row) = Row::named(name) {
        return Ok(vec![row]);
    }
    let rows: Vec<Row> = Row::ALL.into_iter().filter(|row| row.name().starts_with(name)).collect();
    if rows.is_empty() {
        return Err(format!("there is no row {name}; there are {}", Row::ALL.map(Row::name).join(", ")));
    }
    Ok(rows)
}

fn contenders(names: &str) -> Result<Vec<Contender>, String> {
    let named = |name: &str| {
        Contender::named(name).ok_or_else(|| {
            let all = CONTENDERS.map(|contender| contender.name).join(", ");
            format!("there is no contender {name}; there are {all}")
        })
    };
    names.split(',').map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, String> {
        Options::read(line.split_whitespace().map(String::from))
    }

    #[test]
    fn without_a_word_everything_is_measured() {
        let options = read("").unwrap();
        assert!(options.is_whole());
        assert_eq!((options.repetitions, options.scale), (5, Scale::Full));
    }

    #[test]
    fn a_name_is_a_row_or_the_beginning_of_some() {
        assert_eq!(read("tell").unwrap().rows, [Row::Tell]);
        assert_eq!(read("ring").unwrap().rows, [Row::Ring100, Row::Ring10k]);
        assert!(read("nothing").unwrap_err().contains("ping-pong"));
        assert!(!read("ring").unwrap().is_whole());
    }

    #[test]
    fn flags_narrow_the_run() {
        let options = read("--quick --reps 7 --threads 1 --contenders casty,actix").unwrap();
        assert_eq!((options.repetitions, options.classes.as_slice()), (7, &[1][..]));
        assert_eq!(options.contenders.len(), 2);
        assert!(!options.is_whole());
        assert!(read("--threads 3").is_err());
        assert!(read("--contenders nobody").is_err());
        assert!(read("--reps").is_err());
        assert!(read("--fast").is_err());
    }
}
