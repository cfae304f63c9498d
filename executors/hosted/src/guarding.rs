//! Catching the panic of a batch, whatever was thrown.

use core::any::Any;
use core::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use casty_core::Panic;

/// Runs `batch` and catches its panic: what [`Executor::guard`](casty_core::Executor::guard) asks for.
///
/// What was thrown is dropped in here. Should that panic too, it is let lie.
///
/// ```
/// let mut count = 0;
/// assert_eq!(casty_hosted::guard(&mut || count += 1), Ok(()));
/// assert_eq!(count, 1);
///
/// let caught = casty_hosted::guard(&mut || panic!("out of {}", "cheese"));
/// assert_eq!(caught.unwrap_err().message, "out of cheese");
/// ```
///
/// # Errors
/// The [`Panic`] that ended `batch`, with its message where that was text.
#[inline]
pub fn guard(batch: &mut dyn FnMut()) -> Result<(), Panic> {
    // What a panic leaves half done belongs to the actor that panicked, and supervision decides on it.
    catch_unwind(AssertUnwindSafe(batch)).map_err(caught)
}

#[cold]
fn caught(payload: Box<dyn Any + Send>) -> Panic {
    let message = message_of(&*payload);
    // What was thrown is a user's too, and may panic as it goes; what that throws is let lie.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(again);
    }
    Panic { message }
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| String::from("(a panic without a text)"))
}
