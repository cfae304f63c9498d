//! The lease port: who of several may do something, for a time.
//!
//! ```text
//! acquire(shop, by a, for 40 s) ──▶ epoch 7
//! acquire(shop, by b, for 40 s) ──▶ held by a
//!          40 s later, by b      ──▶ epoch 8
//! renew(shop, by a, epoch 7)    ──▶ lost
//! ```

use alloc::boxed::Box;
use alloc::string::String;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

use crate::sync::Arc;

mod memory;

pub use memory::MemoryLeases;

/// What a service of leases will say.
///
/// It may begin its work when it is called or when the answer is first polled. An answer that is dropped undoes nothing: the lease may
/// have been given or not, or be given later. Giving it back is up to whoever has dropped the answer, and has to know the epoch for
/// that: so better keep the answer. A singleton keeps each for the time of its claim, and gives back what it does not want any more.
pub type LeaseAnswer<T> = Pin<Box<dyn Future<Output = Result<T, LeaseError>> + Send>>;

/// Who wants which lease, and for how long.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Claim {
    /// The name of the lease, of at most 256 bytes.
    pub name: String,
    /// Who wants it, of at most 256 bytes: whoever says the same is the same.
    pub owner: String,
    /// How long it is to be held, from now on, unless it is renewed.
    pub ttl: Duration,
}

/// As long as a name or an owner of a lease may be.
pub const CLAIM_BYTES_MAX: usize = 256;

impl Claim {
    /// Whether a service has to take it: an error says what is wrong with it.
    ///
    /// ```
    /// use casty_core::lease::Claim;
    /// use casty_core::secs;
    ///
    /// let claim = Claim { name: "shop".into(), owner: "a".repeat(300), ttl: secs(40) };
    /// assert!(claim.check().is_err());
    /// assert!(Claim { owner: "a".into(), ..claim }.check().is_ok());
    /// ```
    ///
    /// # Errors
    /// [`LeaseError::Failed`].
    pub fn check(&self) -> Result<(), LeaseError> {
        let fit = |text: &str| text.len() <= CLAIM_BYTES_MAX && !text.contains('\0');
        if fit(&self.name) && fit(&self.owner) {
            return Ok(());
        }
        let cause = "the name and the owner of a lease have at most 256 bytes, and no zero byte";
        Err(LeaseError::Failed(String::from(cause)))
    }
}

/// Where leases are kept. Each is held by at most one owner at a time, by the clock of the service alone.
///
/// A cluster asks it which side of a partition goes on: see [`Downing::lease`](crate::cluster::Downing::lease).
///
/// ```
/// use casty_core::lease::{Claim, LeaseError, Leases, MemoryLeases};
/// use casty_core::{Executor, secs};
///
/// # casty_simulation::Simulation::new(1).run(|host| async move {
/// let leases = MemoryLeases::on(host.clone());
/// let claim = |owner: &str| Claim { name: "shop".into(), owner: owner.into(), ttl: secs(40) };
/// let epoch = leases.acquire(&claim("a")).await.unwrap();
/// assert_eq!(leases.acquire(&claim("b")).await, Err(LeaseError::Held { owner: "a".into() }));
/// host.sleep_until(host.now() + secs(40)).await;
/// assert!(leases.acquire(&claim("b")).await.unwrap() > epoch);
/// assert_eq!(leases.renew(&claim("a"), epoch).await, Err(LeaseError::Lost));
/// # });
/// ```
pub trait Leases: Send + Sync + 'static {
    /// Takes the lease for this owner, and answers with an epoch, which is larger than those of all other owners before: whoever
    /// guards something by the lease refuses smaller ones.
    ///
    /// - MUST refuse it while another owner holds it ([`LeaseError::Held`]).
    /// - MUST give it again to who holds it, from now on for the time of this claim, with the same epoch.
    /// - MUST answer [`LeaseError::Failed`] if it is not known whether it was given.
    fn acquire(&self, claim: &Claim) -> LeaseAnswer<u64>;

    /// Holds the lease from now on for the time of the claim.
    ///
    /// MUST refuse who does not hold it, with that epoch, any more ([`LeaseError::Lost`]).
    fn renew(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()>;

    /// Gives the lease back before its time; of who does not hold it with that epoch nothing is taken.
    fn release(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()>;
}

/// Why a lease was not given.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LeaseError {
    /// Another holds it.
    Held {
        /// Who.
        owner: String,
    },
    /// Its time is over, or another has it since.
    Lost,
    /// The service was not reached, or has failed, or does not take such a claim, for this reason. The lease may have been given.
    Failed(String),
}

impl fmt::Display for LeaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held { owner } => write!(f, "the lease is held by `{owner}`"),
            Self::Lost => f.write_str("the lease is held no more"),
            Self::Failed(cause) => f.write_str(cause),
        }
    }
}

impl Error for LeaseError {}

/// A pointer to a service is as good as the service.
impl<L: Leases + ?Sized> Leases for Arc<L> {
    fn acquire(&self, claim: &Claim) -> LeaseAnswer<u64> {
        (**self).acquire(claim)
    }

    fn renew(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        (**self).renew(claim, epoch)
    }

    fn release(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        (**self).release(claim, epoch)
    }
}
