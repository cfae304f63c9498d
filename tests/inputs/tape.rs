//! An input, read from its beginning as what a scene asks for.

use std::cell::Cell;

/// What is still to be read of an input.
pub(crate) struct Tape<'a>(Cell<&'a [u8]>);

impl<'a> Tape<'a> {
    pub(crate) const fn of(input: &'a [u8]) -> Self {
        Self(Cell::new(input))
    }

    pub(crate) fn byte(&self) -> Option<u8> {
        let (first, rest) = self.0.get().split_first()?;
        self.0.set(rest);
        Some(*first)
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        let length = usize::from(self.byte().unwrap_or(0)).min(self.0.get().len());
        let (bytes, rest) = self.0.get().split_at(length);
        self.0.set(rest);
        bytes
    }

    /// All that is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0.take()
    }

    /// A small number most often, or the one that means something there, or a large one.
    pub(crate) fn number(&self, known: u64) -> u64 {
        match self.byte().unwrap_or(0) {
            255 => known,
            254 => u64::from_le_bytes(std::array::from_fn(|_| self.byte().unwrap_or(0))),
            small => u64::from(small),
        }
    }
}
