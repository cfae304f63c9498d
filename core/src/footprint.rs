//! How much memory a device needs, as a value that is added up before anything runs.

use crate::sync::ERASED_BYTES;

/// Memory of the heap: so many bytes at most, in so many blocks.
///
/// What a fixed configuration needs is a constant: a [system](Self::system), its [actors](Self::actor), and the memory of its
/// executor (`casty_bare::Bare::footprint`). It holds for what has a bound and is set up once:
/// mailboxes that are [`fixed`](crate::Mailbox::fixed), timers whose keys are `&'static str`, no stash, no tasks and no asks.
///
/// ```
/// use casty_core::Footprint;
///
/// /// Four supervised actors with eight places for messages of sixteen bytes, and a timer each.
/// const DEVICE: Footprint = Footprint::system(4, 4).and(
///     Footprint::actor::<[u8; 16], 8>(64)
///         .and(Footprint::supervision::<[u8; 16]>(8))
///         .and(Footprint::timers::<[u8; 16]>(1))
///         .times(4),
/// );
/// // With an allocator that adds eight bytes to each block.
/// const HEAP_BYTES: usize = DEVICE.bytes(8);
/// assert!(HEAP_BYTES < 16 * 1024);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Footprint {
    bytes: usize,
    blocks: usize,
    /// Of the largest list: while it grows, its old places are there beside the new ones.
    moved: usize,
}

impl Footprint {
    /// No memory.
    pub const NOTHING: Self = Self { bytes: 0, blocks: 0, moved: 0 };

    /// This and another, at the same time.
    ///
    /// ```
    /// use casty_core::Footprint;
    ///
    /// let both = Footprint::block(16).and(Footprint::block(8));
    /// assert_eq!(both.bytes(0), 24);
    /// ```
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            blocks: self.blocks + other.blocks,
            moved: if self.moved > other.moved { self.moved } else { other.moved },
        }
    }

    /// The same so many times.
    ///
    /// ```
    /// use casty_core::Footprint;
    ///
    /// assert_eq!(Footprint::block(16).times(3).bytes(8), 3 * (16 + 8));
    /// ```
    #[must_use]
    pub const fn times(self, count: usize) -> Self {
        Self { bytes: self.bytes * count, blocks: self.blocks * count, moved: self.moved }
    }

    /// One block of so many bytes: of what a program allocates beside its actors.
    ///
    /// ```
    /// use casty_core::Footprint;
    ///
    /// assert_eq!(Footprint::block(16).bytes(0), 16);
    /// assert_eq!(Footprint::block(0), Footprint::NOTHING);
    /// ```
    #[must_use]
    pub const fn block(bytes: usize) -> Self {
        Self { bytes, blocks: if bytes == 0 { 0 } else { 1 }, moved: 0 }
    }

    /// A `Vec` or `VecDeque` that has grown one by one to so many elements.
    ///
    /// ```
    /// use casty_core::Footprint;
    ///
    /// let mut list = Vec::new();
    /// (0..9_u32).for_each(|number| list.push(number));
    /// assert!(Footprint::list::<u32>(9).bytes(0) >= 4 * list.capacity());
    /// ```
    #[must_use]
    pub const fn list<T>(elements: usize) -> Self {
        let places = match elements {
            0 => 0,
            1..=4 => 4,
            more => more.next_power_of_two(),
        };
        let block = Self::block(places * size_of::<T>());
        Self { moved: block.bytes / 2, ..block }
    }

    /// The bytes of the heap that are in use at most, of an allocator that adds so many to each block.
    ///
    /// An allocator may need more room than that, for what lies free between blocks.
    ///
    /// ```
    /// use casty_core::Footprint;
    ///
    /// assert!(Footprint::system(4, 4).bytes(8) > Footprint::system(4, 4).bytes(0));
    /// ```
    #[must_use]
    pub const fn bytes(self, block_overhead: usize) -> usize {
        self.bytes + self.moved + self.blocks * block_overhead
    }

    /// A value behind its own pointer.
    pub(crate) const fn boxed<T>() -> Self {
        Self::block(size_of::<T>())
    }

    /// A shared value.
    pub(crate) const fn shared<T>() -> Self {
        Self::block(size_of::<Counted<T>>())
    }

    /// What a pointer to a trait object takes beside the value, where it does not coerce.
    pub(crate) const fn erased() -> Self {
        Self::block(ERASED_BYTES)
    }
}

/// What a shared pointer points to.
#[allow(dead_code, reason = "only its size counts")]
#[repr(C)]
struct Counted<T>([usize; 2], T);
