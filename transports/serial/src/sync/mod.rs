//! The one owner of shared pointers and locks: what depends on the target.
//!
//! | | default | feature |
//! |---|---|---|
//! | pointers | `alloc` | `portable-atomic`, for targets without compare-and-swap |
//! | the lock | spins | `critical-section`, for a single core with interrupts; `std`, where there is an operating system |

#[cfg_attr(feature = "std", path = "lock_std.rs")]
#[cfg_attr(all(not(feature = "std"), feature = "critical-section"), path = "lock_critical.rs")]
#[cfg_attr(all(not(feature = "std"), not(feature = "critical-section")), path = "lock_spin.rs")]
mod lock;

pub(crate) use lock::Lock;

#[cfg(not(feature = "portable-atomic"))]
pub(crate) use alloc::sync::Arc;
#[cfg(feature = "portable-atomic")]
pub(crate) use portable_atomic_util::Arc;
