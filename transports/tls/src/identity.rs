//! Who a node is, and whom it believes.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::verifier::OfOurs;

/// The certificate of a node, its key, and the authority that the nodes have in common.
#[derive(Clone)]
pub struct Identity {
    pub(crate) client: Arc<ClientConfig>,
    pub(crate) server: Arc<ServerConfig>,
}

/// Why there is no identity.
///
/// ```
/// use casty_tls::{Identity, IdentityError};
///
/// let error = Identity::from_pem(b"", b"", b"").unwrap_err();
/// assert_eq!(error, IdentityError::Missing("a certificate of an authority"));
/// assert_eq!(error.to_string(), "missing: a certificate of an authority");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum IdentityError {
    /// There is none of these in the text.
    Missing(&'static str),
    /// What is there is not what it should be: of which, and why.
    Unfit(&'static str, String),
}

const AUTHORITY: &str = "a certificate of an authority";
const CERTIFICATE: &str = "a certificate of a node";
const KEY: &str = "a private key";

impl Identity {
    /// From texts in PEM: the certificate of the node with those between it and the authority, its key, and the certificates of
    /// the authority.
    ///
    /// # Errors
    /// [`IdentityError`] says which of them is missing or unfit.
    pub fn from_pem(certificate: &[u8], key: &[u8], authority: &[u8]) -> Result<Self, IdentityError> {
        let mut roots = RootCertStore::empty();
        for root in certificates(authority, AUTHORITY)? {
            roots.add(root).map_err(unfit(AUTHORITY))?;
        }
        let (chain, roots) = (certificates(certificate, CERTIFICATE)?, Arc::new(roots));
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
            rustls::pki_types::pem::Error::NoItemsFound => IdentityError::Missing(KEY),
            error => IdentityError::Unfit(KEY, error.to_string()),
        })?;
        let provider = Arc::new(ring::default_provider());
        let versions = &[&rustls::version::TLS13];
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
        let verifier = verifier.build().map_err(unfit(AUTHORITY))?;
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .map_err(unfit(CERTIFICATE))?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain.clone(), key.clone_key())
            .map_err(unfit(CERTIFICATE))?;
        let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .map_err(unfit(CERTIFICATE))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(OfOurs::new(roots, &provider)))
            .with_client_auth_cert(chain, key)
            .map_err(unfit(CERTIFICATE))?;
        Ok(Self { client: Arc::new(client), server: Arc::new(server) })
    }
}

fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let read = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let certificates = read.map_err(|error| IdentityError::Unfit(what, error.to_string()))?;
    if certificates.is_empty() { Err(IdentityError::Missing(what)) } else { Ok(certificates) }
}

fn unfit<E: fmt::Display>(what: &'static str) -> impl Fn(E) -> IdentityError {
    move |error| IdentityError::Unfit(what, error.to_string())
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "missing: {what}"),
            Self::Unfit(what, cause) => write!(f, "not {what}: {cause}"),
        }
    }
}

impl std::error::Error for IdentityError {}
