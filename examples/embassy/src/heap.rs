//! The heap, which notes how much of it has ever been in use.

use core::alloc::{GlobalAlloc, Layout};
use core::fmt;

use embedded_alloc::LlffHeap;
use portable_atomic::{AtomicUsize, Ordering};

/// The heap of the program, a list of free blocks, which a program gives memory to with `embedded_alloc::init!(HEAP, BYTES)`.
#[global_allocator]
pub static HEAP: Heap = Heap { blocks: LlffHeap::empty(), used_max: AtomicUsize::new(0) };

/// A heap that notes its high-water mark.
pub struct Heap {
    blocks: LlffHeap,
    used_max: AtomicUsize,
}

impl Heap {
    /// Gives it `size` bytes from `start` on.
    ///
    /// # Safety
    /// As `LlffHeap::init`: once, before anything is allocated, with memory that nobody else uses.
    pub unsafe fn init(&self, start: usize, size: usize) {
        // SAFETY: promised by the caller.
        unsafe { self.blocks.init(start, size) }
    }

    /// Bytes in use, with what the list of blocks adds to each.
    pub fn used(&self) -> usize {
        self.blocks.used()
    }

    /// The most that has ever been in use.
    pub fn used_max(&self) -> usize {
        self.used_max.load(Ordering::Relaxed)
    }
}

// SAFETY: both methods do what those of `LlffHeap` do.
unsafe impl GlobalAlloc for Heap {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: promised by the caller.
        let memory = unsafe { self.blocks.alloc(layout) };
        self.used_max.fetch_max(self.blocks.used(), Ordering::Relaxed);
        memory
    }

    #[inline(never)]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: promised by the caller.
        unsafe { self.blocks.dealloc(memory, layout) }
    }
}

impl fmt::Debug for Heap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heap").field("used_max", &self.used_max).finish_non_exhaustive()
    }
}
