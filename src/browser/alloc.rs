//! The module's allocator: free lists of sizes that are powers of two, above memory that only grows.
//!
//! It weighs a tenth of std's and is faster, for up to twice the memory. That is a fair price here: what a page holds
//! is bounded by [`crate::core::limits`], and blocks are used again by later calls of the same size.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::UnsafeCell;
use std::ptr::null_mut;

/// Smallest block: 16 bytes. No type of ours is aligned to more.
const SMALLEST: u32 = 4;
const PAGE: usize = 64 * 1024;

struct FreeLists(UnsafeCell<State>);

struct State {
    /// The first free block of each size; each free block begins with the address of the next.
    free: [*mut u8; 32],
    /// Memory between these two has never been used.
    fresh: usize,
    end: usize,
}

// SAFETY: a page's module has one thread.
unsafe impl Sync for FreeLists {}

#[global_allocator]
static ALLOCATOR: FreeLists = FreeLists(UnsafeCell::new(State { free: [null_mut(); 32], fresh: 0, end: 0 }));

/// The power of two that a layout is rounded up to.
fn class(layout: Layout) -> u32 {
    let size = layout.size().max(layout.align());
    (usize::BITS - (size.wrapping_sub(1)).leading_zeros()).max(SMALLEST)
}

// SAFETY: a block is handed out once until it is given back: it comes off its list, or from memory that was never used.
unsafe impl GlobalAlloc for FreeLists {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = class(layout);
        // SAFETY: one thread, and nothing below calls back into the allocator.
        let state = unsafe { &mut *self.0.get() };
        let Some(list) = state.free.get_mut(class as usize) else { return null_mut() };
        let block = *list;
        if !block.is_null() {
            // SAFETY: a free block of this list, which holds the next one's address.
            *list = unsafe { *block.cast::<*mut u8>() };
            return block;
        }
        let size = 1_usize << class;
        // Memory grows in whole pages; blocks up to 16 are aligned by their size, larger ones to 16 at least.
        if state.end - state.fresh < size {
            let pages = size.div_ceil(PAGE);
            let before = memory_grow::<0>(pages);
            if before == usize::MAX {
                return null_mut();
            }
            let start = before * PAGE;
            if start != state.end {
                state.fresh = start;
            }
            state.end = memory_size::<0>() * PAGE;
        }
        let block = state.fresh;
        state.fresh += size;
        block as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above; the block was handed out for this layout, so it belongs to this list.
        unsafe {
            if let Some(list) = (*self.0.get()).free.get_mut(class(layout) as usize) {
                *block.cast::<*mut u8>() = *list;
                *list = block;
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises a size and an alignment that make a layout.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        if class(wanted) == class(layout) {
            return block;
        }
        // SAFETY: both blocks are at least as long as what is copied.
        unsafe {
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                std::ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}
