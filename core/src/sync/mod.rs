//! The one owner of shared pointers, atomics and locks: what depends on the target.
//!
//! | | default | `portable-atomic` |
//! |---|---|---|
//! | shared pointers | `alloc` | `portable-atomic-util`, for targets without compare-and-swap |
//! | atomics | `core` | `portable-atomic` |
//!
//! The lock is the operating system's with the feature `std` (a spin lock preempted while held would stall
//! everyone who waits for it), a critical section with `critical-section`, and a spin lock otherwise. With `critical-section`
//! atomics of 64 bits are behind the lock, as a single core with interrupts seldom has them.
//! Under `cfg(loom)` locks and atomics are loom's, and the tests explore their interleavings.

#[cfg_attr(loom, path = "lock_loom.rs")]
#[cfg_attr(all(not(loom), feature = "std"), path = "lock_std.rs")]
#[cfg_attr(all(not(loom), not(feature = "std"), feature = "critical-section"), path = "lock_critical.rs")]
#[cfg_attr(all(not(loom), not(feature = "std"), not(feature = "critical-section")), path = "lock_spin.rs")]
mod lock;
mod berth;
#[cfg(feature = "critical-section")]
mod locked_u64;

// The model checker makes no statics, and none of what it looks at is in one.
#[cfg(all(loom, not(feature = "std")))]
#[path = "lock_spin.rs"]
#[expect(dead_code, reason = "what is in statics is not emptied by one while others fill it")]
mod lock_static;
#[cfg(all(not(loom), not(feature = "std")))]
use lock as lock_static;

#[cfg_attr(feature = "std", path = "parcel_source.rs")]
#[cfg_attr(not(feature = "std"), path = "parcel_text.rs")]
mod parcel;

pub(crate) use berth::Berth;
pub(crate) use lock::Lock;
pub(crate) use parcel::Parcel;

#[cfg(not(feature = "portable-atomic"))]
pub(crate) use alloc::{sync::Arc, task::Wake};
#[cfg(feature = "portable-atomic")]
pub(crate) use portable_atomic_util::{Arc, task::Wake};

#[cfg(not(any(feature = "portable-atomic", feature = "critical-section")))]
pub(crate) use core::sync::atomic::AtomicU64;
#[cfg(feature = "critical-section")]
pub(crate) use locked_u64::AtomicU64;
#[cfg(all(feature = "portable-atomic", not(feature = "critical-section")))]
pub(crate) use portable_atomic::AtomicU64;

#[cfg(all(not(loom), not(feature = "portable-atomic")))]
pub(crate) use core::sync::atomic::{AtomicBool, AtomicUsize};
#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicUsize};
#[cfg(all(not(loom), feature = "portable-atomic"))]
pub(crate) use portable_atomic::{AtomicBool, AtomicUsize};

pub(crate) use core::sync::atomic::Ordering;

/// Whether there is an operating system below: what only larger machines need is left out without one.
pub(crate) const HOSTED: bool = cfg!(feature = "std");

/// Whether this is known to be the only pointer to its value. With a pointer that does not coerce it never is.
#[inline]
pub(crate) fn known_alone<T: ?Sized>(pointer: &Arc<T>) -> bool {
    cfg!(not(feature = "portable-atomic")) && Arc::strong_count(pointer) == 1
}

/// A value behind a shared pointer to a trait object: `shared!(value => dyn Trait)`.
#[cfg(not(feature = "portable-atomic"))]
macro_rules! shared {
    ($value:expr => $object:ty) => {{
        let shared: $crate::sync::Arc<$object> = $crate::sync::Arc::new($value);
        shared
    }};
}

/// A value behind a shared pointer to a trait object; this pointer does not coerce, so through a box.
#[cfg(feature = "portable-atomic")]
macro_rules! shared {
    ($value:expr => $object:ty) => {{
        let boxed: alloc::boxed::Box<$object> = alloc::boxed::Box::new($value);
        $crate::sync::Arc::<$object>::from(boxed)
    }};
}

/// The memory that [`erased!`] takes: where pointers do not coerce, two counts and the pointer.
pub(crate) const ERASED_BYTES: usize =
    if cfg!(feature = "portable-atomic") { size_of::<[usize; 3]>() } else { 0 };

/// The same shared value under a trait object: `erased!(arc => dyn Trait)`.
#[cfg(not(feature = "portable-atomic"))]
macro_rules! erased {
    ($arc:expr => $object:ty) => {{
        let concrete = $arc;
        let erased: $crate::sync::Arc<$object> = concrete;
        erased
    }};
}

/// The same shared value under a trait object, which the pointer itself must implement here.
#[cfg(feature = "portable-atomic")]
macro_rules! erased {
    ($arc:expr => $object:ty) => {{
        let boxed: alloc::boxed::Box<$object> = alloc::boxed::Box::new($arc);
        $crate::sync::Arc::<$object>::from(boxed)
    }};
}

/// The way back from a reference to what [`erased!`] made: `Some(Arc<Type>)` when that is what the object is.
#[cfg(not(feature = "portable-atomic"))]
macro_rules! revealed {
    ($erased:expr => $concrete:ty) => {{
        let object = $crate::sync::Arc::clone($erased);
        let any: $crate::sync::Arc<dyn core::any::Any + Send + Sync> = object;
        any.downcast::<$concrete>().ok()
    }};
}

/// The way back from [`erased!`], which holds the pointer itself here.
#[cfg(feature = "portable-atomic")]
macro_rules! revealed {
    ($erased:expr => $concrete:ty) => {{
        let object = &**$erased;
        let any: &dyn core::any::Any = object;
        any.downcast_ref::<$crate::sync::Arc<$concrete>>().cloned()
    }};
}

/// A look at what [`erased!`] made, as what it is: `Some(&Type)` when that is what the object is.
#[cfg(not(feature = "portable-atomic"))]
macro_rules! glimpsed {
    ($erased:expr => $concrete:ty) => {{
        let any: &dyn core::any::Any = &**$erased;
        any.downcast_ref::<$concrete>()
    }};
}

/// A look at what [`erased!`] made, which holds the pointer itself here.
#[cfg(feature = "portable-atomic")]
macro_rules! glimpsed {
    ($erased:expr => $concrete:ty) => {{
        let any: &dyn core::any::Any = &**$erased;
        any.downcast_ref::<$crate::sync::Arc<$concrete>>().map(|arc| &**arc)
    }};
}

/// Makes `Arc<Type>` a waker that calls one of its methods: `wakes!([S: Schedule] Home<S>, woken)`.
#[cfg(not(feature = "portable-atomic"))]
macro_rules! wakes {
    ([$($generics:tt)*] $type:ty, $method:ident) => {
        impl<$($generics)*> $crate::sync::Wake for $type {
            fn wake(self: $crate::sync::Arc<Self>) {
                self.$method();
            }

            fn wake_by_ref(self: &$crate::sync::Arc<Self>) {
                self.$method();
            }
        }
    };
}

/// Makes `Arc<Type>` a waker that calls one of its methods.
#[cfg(feature = "portable-atomic")]
macro_rules! wakes {
    ([$($generics:tt)*] $type:ty, $method:ident) => {
        impl<$($generics)*> $crate::sync::Wake for $type {
            fn wake(this: $crate::sync::Arc<Self>) {
                this.$method();
            }

            fn wake_by_ref(this: &$crate::sync::Arc<Self>) {
                this.$method();
            }
        }
    };
}

pub(crate) use {erased, glimpsed, revealed, shared, wakes};
