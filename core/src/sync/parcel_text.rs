//! A shared value on its way through an error of serde: without `std`, a number.
//!
//! Such an error has no source there, only a text. So the text is the number of a place where the value lies, for as long as
//! the error lives: nothing is kept between two errors, and any number of threads and priorities may have theirs at once.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use core::error::Error;
use core::fmt::{self, Write};
use core::marker::PhantomData;
use core::mem;

use serde::de;

use super::Arc;
use super::lock_static::Lock;

/// All values that are on their way through errors, in any system of the process.
static UNDER_WAY: Lock<UnderWay> = Lock::new(UnderWay { last: 0, parcels: Vec::new() });

struct UnderWay {
    last: u64,
    parcels: Vec<(u64, Box<dyn Any + Send + Sync>)>,
}

/// A shared value that is carried by an error.
pub(crate) struct Parcel<T> {
    number: u64,
    value: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Parcel<T> {
    /// On its way from here.
    pub(crate) fn new(value: &Arc<T>) -> Self {
        let value: Box<dyn Any + Send + Sync> = Box::new(Arc::clone(value));
        let number = UNDER_WAY.with(|under_way| {
            under_way.last = under_way.last.wrapping_add(1);
            under_way.parcels.push((under_way.last, value));
            under_way.last
        });
        Self { number, value: PhantomData }
    }

    /// What an error carries, if it is a value of this type.
    pub(crate) fn within(error: &impl de::Error) -> Option<Arc<T>> {
        let mut reading = Reading { at: 0, number: 0 };
        write!(reading, "{error}").ok()?;
        let number = reading.number()?;
        UNDER_WAY.with(|under_way| {
            let (_, value) = under_way.parcels.iter().find(|(other, _)| *other == number)?;
            value.downcast_ref::<Arc<T>>().map(Arc::clone)
        })
    }
}

impl<T> Drop for Parcel<T> {
    fn drop(&mut self) {
        let value = UNDER_WAY.with(|under_way| {
            let at = under_way.parcels.iter().position(|(number, _)| *number == self.number)?;
            let (_, value) = under_way.parcels.swap_remove(at);
            let memory =
                if under_way.parcels.is_empty() { mem::take(&mut under_way.parcels) } else { Vec::new() };
            Some((value, memory))
        });
        drop(value);
    }
}

/// What stands before the number: no format says that by itself.
const MARK: &[u8] = b"$casty::Parcel ";
/// Digits of a number, each of four bits.
const DIGITS: usize = 16;

impl<T> fmt::Debug for Parcel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parcel")
    }
}

impl<T> fmt::Display for Parcel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        MARK.iter().try_for_each(|byte| f.write_char(char::from(*byte)))?;
        (0..DIGITS).rev().try_for_each(|place| {
            let digit = (self.number >> (4 * place)) as u32 & 15;
            f.write_char(char::from_digit(digit, 16).unwrap_or_default())
        })
    }
}

impl<T> Error for Parcel<T> {}

/// Reads a number where it is shown, and stops at whatever else is.
struct Reading {
    at: usize,
    number: u64,
}

impl Reading {
    fn number(&self) -> Option<u64> {
        (self.at == MARK.len() + DIGITS).then_some(self.number)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        match MARK.get(self.at) {
            Some(mark) if *mark == byte => {}
            None if self.at < MARK.len() + DIGITS => {
                self.number = self.number << 4 | u64::from(char::from(byte).to_digit(16)?);
            }
            _ => return None,
        }
        self.at += 1;
        Some(())
    }
}

impl Write for Reading {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().try_for_each(|byte| self.take(byte)).ok_or(fmt::Error)
    }
}
