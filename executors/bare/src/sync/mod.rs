//! The one owner of shared pointers, atomics and locks: what depends on the target.
//!
//! | | default | feature |
//! |---|---|---|
//! | pointers, atomics | `alloc`, `core` | `portable-atomic`, for targets without compare-and-swap |
//! | the lock | spins | `critical-section`, for a single core with interrupts; atomics of 64 bits are behind it then |

#[cfg_attr(feature = "critical-section", path = "lock_critical.rs")]
#[cfg_attr(not(feature = "critical-section"), path = "lock_spin.rs")]
mod lock;
#[cfg(feature = "critical-section")]
mod locked_u64;

pub(crate) use lock::Lock;

#[cfg(not(feature = "portable-atomic"))]
pub(crate) use alloc::{sync::Arc, task::Wake};
#[cfg(feature = "portable-atomic")]
pub(crate) use portable_atomic_util::{Arc, task::Wake};

#[cfg(not(any(feature = "portable-atomic", feature = "critical-section")))]
pub(crate) use core::sync::atomic::AtomicU64;
#[cfg(not(feature = "portable-atomic"))]
pub(crate) use core::sync::atomic::{AtomicBool, AtomicUsize};
#[cfg(feature = "critical-section")]
pub(crate) use locked_u64::AtomicU64;
#[cfg(all(feature = "portable-atomic", not(feature = "critical-section")))]
pub(crate) use portable_atomic::AtomicU64;
#[cfg(feature = "portable-atomic")]
pub(crate) use portable_atomic::{AtomicBool, AtomicUsize};

pub(crate) use core::sync::atomic::Ordering;

/// Makes `Arc<Type>` a waker that calls one of its methods: `wakes!(Flag, raise)`.
#[cfg(not(feature = "portable-atomic"))]
macro_rules! wakes {
    ($type:ty, $method:ident) => {
        impl $crate::sync::Wake for $type {
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
    ($type:ty, $method:ident) => {
        impl $crate::sync::Wake for $type {
            fn wake(this: $crate::sync::Arc<Self>) {
                this.$method();
            }

            fn wake_by_ref(this: &$crate::sync::Arc<Self>) {
                this.$method();
            }
        }
    };
}

pub(crate) use wakes;

/// The memory of a shared value: two counts and itself.
pub(crate) const fn shared<T>() -> casty_core::Footprint {
    casty_core::Footprint::block(size_of::<([usize; 2], T)>())
}
