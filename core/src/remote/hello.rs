//! What two nodes say to each other before anything else.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::terms::Terms;
use super::varint;

/// The versions of the protocol that are spoken here.
pub(crate) const VERSIONS: (u8, u8) = (1, 1);

/// The first bytes that each side says: whoever says others speaks another language.
pub(crate) const MAGIC: [u8; 5] = *b"casty";

/// As long as anything in a handshake may be.
const GREETING_BYTES_MAX: usize = 2_048;

/// What a hello begins with, before its versions.
const HELLO: u8 = 0;

/// Who somebody is, and what they speak.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// The first and the last version that is spoken.
    pub(crate) versions: (u8, u8),
    /// The name of the system.
    pub(crate) cluster: String,
    pub(crate) node: String,
    /// Which of those that ever had this name.
    pub(crate) incarnation: u64,
    /// Where it can be reached; empty where it cannot.
    pub(crate) address: String,
    /// Whether a secret is asked for, and to be proved.
    pub(crate) secret: bool,
    /// How long a message it takes.
    pub(crate) message_bytes_max: u64,
    /// Never used before.
    pub(crate) nonce: [u8; 32],
    /// How it writes, and what it reads; said behind the rest.
    #[serde(skip)]
    pub(crate) terms: Terms,
}

/// One thing that is said in a handshake.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Greeting {
    Hello(Hello),
    /// No.
    Refused(Refusal),
    /// I know the secret.
    Proof([u8; 32]),
    /// Of your stream I have had this much.
    Resume(u64),
}

/// Why a node will not talk to another.
///
/// ```
/// let refusal = casty_core::remote::Refusal::Cluster { theirs: "shop".into() };
/// assert_eq!(refusal.to_string(), "it belongs to the system `shop`");
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// What it says is not casty's protocol.
    Garbage,
    /// It speaks other versions of the protocol, from the first to the last of these.
    Version {
        /// The versions.
        theirs: (u8, u8),
    },
    /// It belongs to another system.
    Cluster {
        /// The name of that.
        theirs: String,
    },
    /// It does not know the secret, or one of the two asks for none.
    Secret,
    /// It says to be a node that its certificate is not for.
    Identity,
    /// It has the name of this very node.
    SameName,
    /// It was given up as lost: nothing is heard from an incarnation again that others believe dead.
    Lost,
    /// There is, or will be in a moment, another connection between the two.
    Crossing,
    /// There are as many connections as there may be.
    Busy,
    /// It took too long.
    Slow,
    /// The two do not agree on what has been said before.
    Gap,
    /// One of the two writes its messages in a codec that the other does not read.
    Codec {
        /// The name of the node that writes.
        node: String,
        /// What it writes in.
        writes: String,
        /// What the other reads.
        reads: Vec<String>,
    },
    /// What it calls itself cannot be the name of a node.
    Name,
    /// It is in its cluster no more, and talks to none of its members.
    Out,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Garbage => f.write_str("it does not speak casty's protocol"),
            Self::Version { theirs: (first, last) } => {
                let (own_first, own_last) = VERSIONS;
                write!(
                    f,
                    "it speaks versions {first} to {last} of the protocol, not {own_first} to {own_last}"
                )
            }
            // Whoever calls may say anything here.
            Self::Cluster { theirs } => write!(f, "it belongs to the system `{}`", theirs.escape_debug()),
            Self::Secret => f.write_str("it does not have the same secret"),
            Self::Identity => f.write_str("its certificate is not for the node that it says to be"),
            Self::SameName => f.write_str("it has the name of this node"),
            Self::Lost => f.write_str("it was given up as lost"),
            Self::Crossing => f.write_str("there is another connection"),
            Self::Busy => f.write_str("there are too many connections"),
            Self::Slow => f.write_str("the handshake took too long"),
            Self::Name => f.write_str("what it calls itself cannot be the name of a node"),
            Self::Gap => f.write_str("it does not agree on what has been said before"),
            Self::Codec { node, writes, reads } => {
                write!(
                    f,
                    "the node `{node}` writes `{writes}`, and the other reads `{}` alone",
                    reads.join("`, `")
                )
            }
            Self::Out => f.write_str("it is in the cluster no more"),
        }
    }
}

impl core::error::Error for Refusal {}

impl Greeting {
    /// Writes it at the end of `to`.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        // Encoding fails only where memory does.
        let mut bytes = postcard::to_allocvec(self).unwrap_or_default();
        if let Self::Hello(hello) = self {
            hello.terms.write(&mut bytes);
        }
        varint::put(to, bytes.len() as u64);
        to.extend_from_slice(&bytes);
    }

    /// Reads the one at the beginning of `bytes`, and how many bytes it took; `None` while it is not all there.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, Refusal> {
        let (length, prefix) = match varint::read(bytes) {
            varint::Read::Number(length, prefix) if length <= GREETING_BYTES_MAX as u64 => {
                (length as usize, prefix)
            }
            varint::Read::Short => return Ok(None),
            varint::Read::Number(..) | varint::Read::Malformed => return Err(Refusal::Garbage),
        };
        let Some(body) = bytes.get(prefix..prefix + length) else { return Ok(None) };
        // First of all, whether the rest can be understood: newer nodes may say it in another way.
        if let [HELLO, first, last, ..] = *body
            && (last < VERSIONS.0 || first > VERSIONS.1)
        {
            return Err(Refusal::Version { theirs: (first, last) });
        }
        let (mut greeting, rest) = postcard::take_from_bytes(body).map_err(|_| Refusal::Garbage)?;
        match &mut greeting {
            Self::Hello(hello) => hello.terms = Terms::read(rest).ok_or(Refusal::Garbage)?,
            _ if rest.is_empty() => {}
            _ => return Err(Refusal::Garbage),
        }
        Ok(Some((greeting, prefix + length)))
    }
}
