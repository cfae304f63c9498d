//! Files cut into chunks of whole lines.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::vec::IntoIter;

/// How much is read at once; a chunk is larger only when a line is.
const CHUNK_BYTES: usize = 128 * 1024;

/// The chunks of some files, one file after another, read as they are asked for.
#[derive(Debug)]
pub(crate) struct Chunks {
    files: IntoIter<PathBuf>,
    open: Option<(PathBuf, File)>,
    /// What was read of the open file and belongs to the next chunk: the beginning of a line.
    rest: Vec<u8>,
}

/// One step through the files.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Whole lines of one file.
    Lines(Vec<u8>),
    /// A file that cannot be read, or not to its end.
    Unreadable(PathBuf, io::Error),
}

impl Chunks {
    pub(crate) fn of(files: Vec<PathBuf>) -> Self {
        Self { files: files.into_iter(), open: None, rest: Vec::new() }
    }

    /// The next chunk of the open file; `None`, and the file is closed, at its end.
    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some((_, file)) = &mut self.open else { return Ok(None) };
        let mut chunk = std::mem::take(&mut self.rest);
        loop {
            let before = chunk.len();
            chunk.reserve(CHUNK_BYTES);
            let read = file.take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
            if read < CHUNK_BYTES {
                self.open = None;
                return Ok(Some(chunk).filter(|chunk| !chunk.is_empty()));
            }
            if let Some(newline) = chunk[before..].iter().rposition(|byte| *byte == b'\n') {
                self.rest = chunk.split_off(before + newline + 1);
                return Ok(Some(chunk));
            }
        }
    }
}

impl Iterator for Chunks {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            match self.read() {
                Ok(Some(lines)) => return Some(Piece::Lines(lines)),
                Ok(None) => {}
                Err(error) => {
                    let (path, _) = self.open.take()?;
                    return Some(Piece::Unreadable(path, error));
                }
            }
            let path = self.files.next()?;
            match File::open(&path) {
                Ok(file) => self.open = Some((path, file)),
                Err(error) => return Some(Piece::Unreadable(path, error)),
            }
        }
    }
}
