//! Which trace a message belongs to, as it is passed on from one to the next.

use core::error::Error;
use core::fmt;
use core::str::FromStr;

/// Which trace a message belongs to, and which span of it told it: what W3C's *Trace Context* has in a `traceparent`.
///
/// Casty passes it on and makes nothing of it: which spans there are, and where they are collected, is the program's.
///
/// ```
/// use casty_core::TraceContext;
///
/// let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let trace: TraceContext = text.parse().unwrap();
/// assert_eq!((trace.span_id()[0], trace.is_sampled(), trace.to_string().as_str()), (0x00, true, text));
///
/// let within = trace.in_span([7; 8]).unwrap();
/// assert_eq!((within.trace_id(), within.span_id()), (trace.trace_id(), [7; 8]));
/// assert!("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01".parse::<TraceContext>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    flags: u8,
}

/// How many bytes one is on a wire.
pub(crate) const TRACE_BYTES: usize = 25;

/// The flag of what is recorded.
const SAMPLED: u8 = 1;

impl TraceContext {
    /// The span of that trace, with those flags; `None` when either is all zeros, which stands for none.
    #[must_use]
    pub const fn new(trace_id: [u8; 16], span_id: [u8; 8], flags: u8) -> Option<Self> {
        if u128::from_ne_bytes(trace_id) == 0 || u64::from_ne_bytes(span_id) == 0 {
            return None;
        }
        Some(Self { trace_id, span_id, flags })
    }

    /// Another span of the same trace, for what is told within it; `None` when it is all zeros.
    #[must_use]
    pub const fn in_span(self, span_id: [u8; 8]) -> Option<Self> {
        Self::new(self.trace_id, span_id, self.flags)
    }

    /// Which trace it is, the same for all of it.
    #[must_use]
    pub const fn trace_id(&self) -> [u8; 16] {
        self.trace_id
    }

    /// Which span of it.
    #[must_use]
    pub const fn span_id(&self) -> [u8; 8] {
        self.span_id
    }

    /// What else is said of it, a bit each.
    #[must_use]
    pub const fn flags(&self) -> u8 {
        self.flags
    }

    /// Whether who has told it records this trace.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// As it is on a wire.
    pub(crate) fn bytes(&self) -> [u8; TRACE_BYTES] {
        let mut bytes = [0; TRACE_BYTES];
        bytes[..16].copy_from_slice(&self.trace_id);
        bytes[16..24].copy_from_slice(&self.span_id);
        bytes[24] = self.flags;
        bytes
    }

    /// What stands before a message on a wire, and the message; `None` when it is no trace.
    pub(crate) fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (trace_id, rest) = bytes.split_first_chunk()?;
        let (span_id, rest) = rest.split_first_chunk()?;
        let (flags, rest) = rest.split_first()?;
        Some((Self::new(*trace_id, *span_id, *flags)?, rest))
    }
}

/// As a `traceparent`, in version 00.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace_id, span_id) = (u128::from_be_bytes(self.trace_id), u64::from_be_bytes(self.span_id));
        write!(f, "00-{trace_id:032x}-{span_id:016x}-{:02x}", self.flags)
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceContext({self})")
    }
}

/// A text that is no `traceparent`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvalidTraceContext;

impl fmt::Display for InvalidTraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is no traceparent as W3C's Trace Context has it")
    }
}

impl Error for InvalidTraceContext {}

/// From a `traceparent`. What a later version has behind its flags is passed over.
impl FromStr for TraceContext {
    type Err = InvalidTraceContext;

    fn from_str(text: &str) -> Result<Self, InvalidTraceContext> {
        parse(text.as_bytes()).ok_or(InvalidTraceContext)
    }
}

/// A version that will never be.
const NO_VERSION: u8 = 0xff;

fn parse(text: &[u8]) -> Option<TraceContext> {
    let (version, text) = hex::<1>(text)?;
    let (trace_id, text) = hex(dash(text)?)?;
    let (span_id, text) = hex(dash(text)?)?;
    let (flags, rest) = hex::<1>(dash(text)?)?;
    let ends = rest.is_empty() || (version != [0] && rest[0] == b'-');
    if version == [NO_VERSION] || !ends {
        return None;
    }
    TraceContext::new(trace_id, span_id, flags[0])
}

fn dash(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b"-")
}

/// So many bytes, of two small digits each.
fn hex<const N: usize>(text: &[u8]) -> Option<([u8; N], &[u8])> {
    let (digits, rest) = text.split_at_checked(2 * N)?;
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(digits[0])? << 4 | digit(digits[1])?;
    }
    Some((bytes, rest))
}

const fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const TEXT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_is_the_same_after_text_and_after_bytes() {
        let trace: TraceContext = TEXT.parse().unwrap();
        assert_eq!(trace.to_string(), TEXT);
        let mut bytes = trace.bytes().to_vec();
        bytes.extend_from_slice(b"message");
        assert_eq!(TraceContext::split(&bytes), Some((trace, &b"message"[..])));
    }

    #[test]
    fn what_is_no_trace_is_refused() {
        let replaced = |from: &str, to: &str| TEXT.replacen(from, to, 1).parse::<TraceContext>();
        assert!(replaced("00-", "01-").is_ok() && replaced("00-", "ff-").is_err());
        assert!(replaced("4bf", "4Bf").is_err(), "digits are small");
        assert!(replaced("4bf", "g00").is_err() && replaced("-01", "").is_err());
        assert!(replaced("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)).is_err());
        assert!(replaced("00f067aa0ba902b7", &"0".repeat(16)).is_err());
        assert!(replaced("-01", "-01-more").is_err(), "version 00 has no more");
        assert!(replaced("00-", "01-").map(|trace| trace.to_string()).is_ok());
        assert!(
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more".parse::<TraceContext>().is_ok()
        );
        for end in 0..TEXT.len() {
            assert!(TEXT[..end].parse::<TraceContext>().is_err());
        }
        let bytes = TEXT.parse::<TraceContext>().unwrap().bytes();
        for end in 0..TRACE_BYTES {
            assert_eq!(TraceContext::split(&bytes[..end]), None);
        }
        assert_eq!(TraceContext::split(&[0; TRACE_BYTES]), None);
    }
}
