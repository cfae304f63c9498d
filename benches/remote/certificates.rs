//! The certificates of the two processes that talk over TLS.

use std::fs;
use std::path::{Path, PathBuf};

use casty::tls::Identity;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::other_process::CERTIFICATES;

/// A folder of certificates, for one measurement.
pub(crate) struct Certificates {
    folder: PathBuf,
    ours: bool,
}

impl Certificates {
    /// Made anew, by an authority that nobody else knows.
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("casty-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        fs::write(folder.join("authority.pem"), authority.pem()).unwrap();
        for node in ["server", "driver"] {
            let key = KeyPair::generate().unwrap();
            let params = CertificateParams::new(vec![node.to_string()]).unwrap();
            let certificate = params.signed_by(&key, &authority).unwrap();
            fs::write(folder.join(format!("{node}.pem")), certificate.pem()).unwrap();
            fs::write(folder.join(format!("{node}.key")), key.serialize_pem()).unwrap();
        }
        Self { folder, ours: true }
    }

    /// Those that the other process has made.
    pub(crate) fn given() -> Self {
        Self { folder: std::env::var_os(CERTIFICATES).unwrap().into(), ours: false }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn identity(&self, node: &str) -> Identity {
        let read = |name: String| fs::read(self.folder.join(name)).unwrap();
        let (certificate, key) = (read(format!("{node}.pem")), read(format!("{node}.key")));
        Identity::from_pem(&certificate, &key, &read("authority.pem".into())).unwrap()
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        if self.ours {
            fs::remove_dir_all(&self.folder).unwrap();
        }
    }
}
