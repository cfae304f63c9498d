//! Copying memory byte by byte, as little is copied here.
//!
//! To do it by words is a kilobyte of code. The library's own functions of these names are weak, so these are taken.

use core::ptr;

/// Copies `count` bytes, which may overlap.
///
/// # Safety
/// As of [`ptr::copy`].
unsafe extern "aapcs" fn copy(to: *mut u8, from: *const u8, count: usize) {
    let forward = to.cast_const() <= from;
    for step in 0..count {
        let place = if forward { step } else { count - 1 - step };
        // SAFETY: promised by the caller. It is volatile, as the compiler would else see a copy, and call this very function.
        unsafe { to.add(place).write_volatile(ptr::read_volatile(from.add(place))) };
    }
}

macro_rules! named {
    ($($name:ident),*) => {$(
        // SAFETY: nothing else of that name is strong, and it is what that name promises.
        #[unsafe(no_mangle)]
        unsafe extern "aapcs" fn $name(to: *mut u8, from: *const u8, count: usize) {
            // SAFETY: promised by the caller.
            unsafe { copy(to, from, count) }
        }
    )*};
}

named!(__aeabi_memcpy, __aeabi_memcpy4, __aeabi_memcpy8, __aeabi_memmove, __aeabi_memmove4, __aeabi_memmove8);
