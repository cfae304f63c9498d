//! Certificates: of the authority that the nodes have in common, and of each node.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde::Serialize;
use time::{Duration, OffsetDateTime};

use crate::files::{self, Failure, Outcome};
use crate::{info, said};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes the authority: `authority.pem`, which every node gets, and `authority.key`, which none does.
    CreateCa {
        /// What it is called.
        #[arg(long, default_value = "casty authority")]
        name: String,
        #[command(flatten)]
        making: Making,
    },
    /// Makes the certificate of a node: `NAME.pem` and `NAME.key`.
    CreateNode {
        /// The name of the node, as it is told to others.
        name: String,
        #[command(flatten)]
        making: Making,
    },
    /// Makes the certificate of an operator, who calls nodes and is not called: `NAME.pem` and `NAME.key`.
    CreateClient {
        /// The name of the operator, as it is told to nodes.
        name: String,
        #[command(flatten)]
        making: Making,
    },
    /// Shows what a certificate says.
    Info {
        /// The file, in PEM.
        file: PathBuf,
    },
    /// Shows all certificates of a folder.
    List {
        /// The folder.
        #[arg(long, default_value = "certs")]
        dir: PathBuf,
    },
}

#[derive(Args)]
pub(crate) struct Making {
    /// The folder of the files.
    #[arg(long, default_value = "certs")]
    dir: PathBuf,
    /// For how many days it is valid.
    #[arg(long, default_value_t = 825)]
    days: u32,
    /// Replaces files that are there.
    #[arg(long)]
    force: bool,
}

/// The files that were made.
#[derive(Serialize)]
struct Made {
    certificate: String,
    key: String,
}

const AUTHORITY: &str = "authority";

impl Command {
    /// Does it; says what is to be said.
    pub(crate) fn run(self, json: bool) -> Outcome<String> {
        let made = match self {
            Self::CreateCa { name, making } => create_ca(&name, &making),
            Self::CreateNode { name, making } => {
                // A node calls others and is called.
                create(
                    &name,
                    &making,
                    &[ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth],
                )
            }
            Self::CreateClient { name, making } => {
                create(&name, &making, &[ExtendedKeyUsagePurpose::ClientAuth])
            }
            Self::Info { file } => return info::show(&[file], json),
            Self::List { dir } => return info::show(&info::certificates(&dir)?, json),
        };
        if json {
            said::json(&made?)
        } else {
            made.map(|Made { certificate, key }| format!("{certificate}\n{key}"))
        }
    }
}

impl Making {
    /// The files of a certificate and its key.
    fn files(&self, name: &str) -> (PathBuf, PathBuf) {
        (self.dir.join(format!("{name}.pem")), self.dir.join(format!("{name}.key")))
    }

    fn parameters(&self, names: Vec<String>, called: &str) -> Outcome<CertificateParams> {
        let mut parameters = CertificateParams::new(names).map_err(|error| Failure::new(called, error))?;
        parameters.distinguished_name.push(DnType::CommonName, called);
        // Clocks differ a little.
        parameters.not_before = OffsetDateTime::now_utc() - Duration::hours(1);
        parameters.not_after = OffsetDateTime::now_utc() + Duration::days(i64::from(self.days));
        Ok(parameters)
    }

    /// Writes a certificate and its key, the key first: without it the certificate is of no use.
    fn write(&self, name: &str, certificate: &str, key: &KeyPair) -> Outcome<Made> {
        let (certificate_file, key_file) = self.files(name);
        files::write(&key_file, &key.serialize_pem(), true)?;
        files::write(&certificate_file, certificate, false)?;
        let (certificate, key) = (certificate_file.display().to_string(), key_file.display().to_string());
        Ok(Made { certificate, key })
    }
}

fn create_ca(name: &str, making: &Making) -> Outcome<Made> {
    let (certificate, key_file) = making.files(AUTHORITY);
    files::refuse_existing(&[&certificate, &key_file], making.force)?;
    let mut parameters = making.parameters(Vec::new(), name)?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = key()?;
    let certificate = parameters.self_signed(&key).map_err(|error| Failure::new(name, error))?;
    making.write(AUTHORITY, &certificate.pem(), &key)
}

fn create(name: &str, making: &Making, purposes: &[ExtendedKeyUsagePurpose]) -> Outcome<Made> {
    check_name(name)?;
    let (certificate, key_file) = making.files(name);
    files::refuse_existing(&[&certificate, &key_file], making.force)?;
    let issuer = authority(making)?;
    let mut parameters = making.parameters(vec![name.into()], name)?;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = purposes.to_vec();
    let key = key()?;
    let certificate = parameters.signed_by(&key, &issuer).map_err(|error| Failure::new(name, error))?;
    making.write(name, &certificate.pem(), &key)
}

/// The authority of the folder.
fn authority(making: &Making) -> Outcome<Issuer<'static, KeyPair>> {
    let (certificate, key) = making.files(AUTHORITY);
    let pem = files::read(&key)?;
    let key_pair = KeyPair::from_pem(&pem).map_err(|error| Failure::new(key.display(), error))?;
    let issuer = Issuer::from_ca_cert_pem(&files::read(&certificate)?, key_pair);
    issuer.map_err(|error| Failure::new(certificate.display(), error))
}

fn key() -> Outcome<KeyPair> {
    KeyPair::generate().map_err(|error| Failure::new("a new key", error))
}

/// A name of a node is one in DNS, as certificates have no others, and it becomes the name of a file.
fn check_name(name: &str) -> Outcome<()> {
    let part = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if name == AUTHORITY {
        return Err(Failure::new(name, "that is the name of the authority's own files"));
    }
    if name.len() <= 253 && name.split('.').all(part) && Path::new(name).components().count() == 1 {
        return Ok(());
    }
    Err(Failure::new(format!("`{name}`"), "a node is named by letters, digits, hyphens and dots"))
}
