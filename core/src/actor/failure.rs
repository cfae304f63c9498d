//! What went wrong in an actor, as a value that supervision judges.

use alloc::boxed::Box;
use alloc::string::ToString;
use core::error::Error;
use core::fmt;

use crate::executor::Panic;
use crate::path::Path;
use crate::sync::Arc;

/// What went wrong in an actor: a panic, an error its behavior returned, or a child's escalation.
///
/// A failure is cheap to clone.
#[derive(Clone)]
pub struct Failure(Arc<Kind>);

enum Kind {
    Panic(Panic),
    Error(Box<dyn Error + Send + Sync>),
    /// What casty itself says. As an error it would bring the texts of `Debug` onto each device.
    Said(&'static str),
    Child(Path, Failure),
}

impl Failure {
    /// The failure that `error` is.
    pub fn error(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::new(Kind::Error(error.into())))
    }

    /// The failure that a panic is.
    #[cold]
    #[inline(never)]
    pub(crate) fn said(text: &'static str) -> Self {
        Self(Arc::new(Kind::Said(text)))
    }

    pub(crate) fn panic(panic: Panic) -> Self {
        Self(Arc::new(Kind::Panic(panic)))
    }

    /// The failure that an escalation is for the parent.
    pub(crate) fn child(path: Path, failure: Self) -> Self {
        Self(Arc::new(Kind::Child(path, failure)))
    }

    /// The panic, when it was one.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::<u8>::receive_message(|_| panic!("oh no")));
    /// test.tell(1);
    /// let failure = &test.failures()[0].failure;
    /// assert_eq!(failure.as_panic().unwrap().message, "oh no");
    /// ```
    #[must_use]
    pub fn as_panic(&self) -> Option<&Panic> {
        match &*self.0 {
            Kind::Panic(panic) => Some(panic),
            Kind::Error(_) | Kind::Said(_) | Kind::Child(..) => None,
        }
    }

    /// The error, when the behavior returned one of type `E`.
    ///
    /// ```
    /// use casty_core::Failure;
    ///
    /// let failure = Failure::error(std::fmt::Error);
    /// assert!(failure.as_error::<std::fmt::Error>().is_some());
    /// assert!(failure.as_panic().is_none());
    /// ```
    #[must_use]
    pub fn as_error<E: Error + 'static>(&self) -> Option<&E> {
        match &*self.0 {
            Kind::Error(error) => error.downcast_ref(),
            Kind::Panic(_) | Kind::Said(_) | Kind::Child(..) => None,
        }
    }

    /// The child that escalated, and its failure, when it was an escalation.
    ///
    /// ```
    /// use casty_core::{Behavior, Directive, OneForOne};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent = Behavior::<u8>::receive(|ctx, _| {
    ///     let child = Behavior::<u8>::setup(|_| Behavior::fail("broken"));
    ///     ctx.spawn(child, "child").map_or_else(Behavior::fail, |_| Behavior::same())
    /// });
    /// let mut test = BehaviorTest::new(parent.supervising(OneForOne::decide(|_| Directive::Escalate)));
    /// test.tell(1);
    /// let failures = test.failures();
    /// let (path, failure) = failures[1].failure.as_child().unwrap();
    /// assert_eq!((path.name(), failure.to_string()), ("child", "broken".into()));
    /// ```
    #[must_use]
    pub fn as_child(&self) -> Option<(&Path, &Self)> {
        match &*self.0 {
            Kind::Child(path, failure) => Some((path, failure)),
            Kind::Panic(_) | Kind::Error(_) | Kind::Said(_) => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Panic(panic) => fmt::Display::fmt(panic, f),
            Kind::Error(error) => fmt::Display::fmt(error, f),
            Kind::Said(text) => f.write_str(text),
            Kind::Child(path, failure) => write!(f, "child {path}: {failure}"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Failure").field(&self.to_string()).finish()
    }
}
