//! The allocator of every contender: the system's, unless the feature `mimalloc` is on.

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
