//! A reference without the type of message: to watch, to stop, to compare.

use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::control::Control;
use super::survey::{Mailroom, Surveys};
use super::world::World;
use crate::id::ActorId;
use crate::path::Path;
use crate::sync::Arc;

/// A reference to an actor whose type of message is not known: enough to watch it and to stop it.
///
/// Two of them are equal when they refer to the same actor.
#[derive(Clone)]
pub struct AnyRef(Arc<dyn Target>);

/// A system, by a number no other living one has, and an actor's number in it.
pub(crate) type ActorKey = (usize, ActorId);

/// What an actor's mailbox shows to those who do not know its type of message.
pub(crate) trait Target: Any + Send + Sync {
    /// The actor's number.
    fn id(&self) -> ActorId;
    /// Its own name, if it has one. What stands nowhere among the actors has neither that nor a parent.
    fn name(&self) -> Option<&str> {
        None
    }
    /// Its parent; `None` when that is the root.
    fn parent(&self) -> Option<&AnyRef> {
        None
    }
    /// The system it lives in.
    fn world(&self) -> &Arc<World>;
    /// Sends it a signal, which comes back when it has ended.
    fn signal(&self, control: Control) -> Result<(), Control>;
    /// Whether it takes no more messages.
    fn closed(&self) -> bool;
    /// The type of message it takes.
    fn takes(&self) -> &'static str;
    /// What tells it from every other actor that this process knows of.
    fn key(&self) -> ActorKey {
        (self.world().key(), self.id())
    }
    /// Where it stands, when that is not among the actors of this system.
    fn elsewhere(&self) -> Option<Path> {
        None
    }
    /// Lets somebody see it, if it has nothing to do at the moment. What is elsewhere is not seen.
    fn look(&self, _: &mut dyn Surveys) -> Option<Mailroom> {
        None
    }
    /// Lets go of its parent, when nobody refers to it any more.
    fn take_parent(&mut self) -> Option<AnyRef> {
        None
    }
}

/// The pointer is as good as what it points to: where pointers do not coerce, it is what [`erased!`] makes an
/// object of.
impl<T: Target> Target for Arc<T> {
    fn id(&self) -> ActorId {
        (**self).id()
    }

    fn name(&self) -> Option<&str> {
        (**self).name()
    }

    fn parent(&self) -> Option<&AnyRef> {
        (**self).parent()
    }

    fn world(&self) -> &Arc<World> {
        (**self).world()
    }

    fn signal(&self, control: Control) -> Result<(), Control> {
        (**self).signal(control)
    }

    fn closed(&self) -> bool {
        (**self).closed()
    }

    fn takes(&self) -> &'static str {
        (**self).takes()
    }

    fn key(&self) -> ActorKey {
        (**self).key()
    }

    fn elsewhere(&self) -> Option<Path> {
        (**self).elsewhere()
    }

    fn look(&self, surveyor: &mut dyn Surveys) -> Option<Mailroom> {
        (**self).look(surveyor)
    }

    fn take_parent(&mut self) -> Option<AnyRef> {
        Self::get_mut(self)?.take_parent()
    }
}

/// Anything that refers to one actor: an [`ActorRef`](crate::ActorRef) of any type, or an [`AnyRef`].
pub trait Refers {
    /// The reference without its type.
    fn to_any(&self) -> AnyRef;
}

impl Refers for AnyRef {
    fn to_any(&self) -> AnyRef {
        self.clone()
    }
}

impl AnyRef {
    /// The reference to what `target` is the mailbox of.
    pub(crate) const fn new(target: Arc<dyn Target>) -> Self {
        Self(target)
    }

    /// The actor's number, unique in its system.
    #[must_use]
    pub fn id(&self) -> ActorId {
        self.0.id()
    }

    /// Whether the actor has stopped, or is about to and takes no more messages.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.closed()
    }

    /// Where the actor stands, or stood, in the tree.
    #[must_use]
    pub fn path(&self) -> Path {
        path_of(&*self.0)
    }

    /// The name of the type of message that the actor takes, for people to read.
    #[must_use]
    pub fn takes(&self) -> &'static str {
        self.0.takes()
    }

    /// Its name among its siblings; `$` and its number if it has none.
    pub(crate) fn own_name(&self) -> String {
        name_of(&*self.0)
    }

    /// What tells it from every other actor of the process, in any system.
    pub(crate) fn key(&self) -> ActorKey {
        self.0.key()
    }

    /// What it refers to.
    pub(crate) fn target(&self) -> &dyn Target {
        &*self.0
    }

    /// The same, to look for its type.
    pub(crate) fn into_target(self) -> Arc<dyn Target> {
        self.0
    }

    /// Drops this reference and, where it was the last, those above it one by one: a tower of actors must not
    /// fall by recursion.
    pub(crate) fn fall(self) {
        let mut above = Some(self);
        while let Some(mut actor) = above {
            above = Arc::get_mut(&mut actor.0).and_then(Target::take_parent);
        }
    }

    /// Sends a signal. One that comes too late says nothing.
    pub(crate) fn signal(&self, control: Control) {
        if let Err(late) = self.0.signal(control) {
            late.let_go();
        }
    }
}

/// The path of `target`, from the names of those above it.
pub(crate) fn path_of(target: &dyn Target) -> Path {
    if let Some(path) = target.elsewhere() {
        return path;
    }
    let mut names = Vec::new();
    let mut here = Some(target);
    while let Some(target) = here {
        names.push(name_of(target));
        here = target.parent().map(AnyRef::target);
    }
    names.reverse();
    Path::new(String::from(target.world().name()), names)
}

fn name_of(target: &dyn Target) -> String {
    target.name().map_or_else(
        || {
            let mut name = String::from("$");
            push_number(&mut name, target.id().number());
            name
        },
        String::from,
    )
}

/// Adds the digits of a number. On a device, what formats numbers is a kilobyte of code.
fn push_number(text: &mut String, number: u64) {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let (tens, ones) = divided_by_ten(number);
    if tens > 0 {
        push_number(text, tens);
    }
    text.push_str(DIGITS[ones as usize]);
}

/// The quotient and what is left, 16 bits at a time: to divide numbers of 64 bits is half a kilobyte of code there.
#[inline(never)]
fn divided_by_ten(number: u64) -> (u64, u32) {
    let (mut rest, mut quotient, mut left) = (number, 0, 0);
    for _ in 0..4 {
        let part = left << 16 | (rest >> 48) as u32;
        rest <<= 16;
        quotient = quotient << 16 | u64::from(part / 10);
        left = part % 10;
    }
    (quotient, left)
}

impl PartialEq for AnyRef {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for AnyRef {}

impl Hash for AnyRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl fmt::Debug for AnyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyRef({}, {})", self.path(), self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::push_number;

    #[test]
    fn the_digits_of_a_number_are_those_that_are_formatted() {
        let powers = (0..64).map(|bits| 1_u64 << bits);
        for number in powers.flat_map(|power| [power - 1, power, power + 9]).chain([0, u64::MAX]) {
            let mut text = alloc::string::String::new();
            push_number(&mut text, number);
            assert_eq!(text, alloc::format!("{number}"));
        }
    }
}
