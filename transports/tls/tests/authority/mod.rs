//! An authority, and whom it signs.

use casty_tls::Identity;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// An authority, and whom it signs.
pub(crate) struct Authority(pub(crate) CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// The identity of a node of that name, which believes another authority, perhaps.
    pub(crate) fn identity(&self, node: &str, believes: &Self) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![node.to_string()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let authority = believes.0.pem();
        Identity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes(), authority.as_bytes())
            .unwrap()
    }
}
