//! What certificates say, for people and for programs.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::parse_x509_pem;
use x509_parser::time::ASN1Time;

use crate::files::{self, Failure, Outcome};
use crate::said;

/// What a certificate says.
#[derive(Serialize)]
struct Info {
    file: String,
    subject: String,
    issuer: String,
    /// The nodes that it is for.
    nodes: Vec<String>,
    authority: bool,
    /// It is for one that is called, and not only calls others.
    is_called: bool,
    not_before: String,
    not_after: String,
    valid_now: bool,
}

/// The certificates of a folder, by their names.
pub(crate) fn certificates(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let failed = |error| Failure::new(folder.display(), error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The first node that a certificate is for.
pub(crate) fn node(file: &Path) -> Outcome<String> {
    let nodes = read(file)?.nodes;
    nodes.into_iter().next().ok_or_else(|| Failure::new(file.display(), "it is for no node"))
}

/// What these certificates say.
pub(crate) fn show(files: &[PathBuf], json: bool) -> Outcome<String> {
    let infos = files.iter().map(|file| read(file)).collect::<Outcome<Vec<Info>>>()?;
    if json {
        return said::json(&infos);
    }
    let mut table = String::new();
    for info in infos {
        let role = match info {
            Info { authority: true, .. } => "authority",
            Info { is_called: true, .. } => "node",
            Info { .. } => "client",
        };
        let valid = if info.valid_now { "valid" } else { "NOT VALID" };
        // To a text nothing fails to be written.
        let _ = writeln!(table, "{}: {role} {}", info.file, info.subject);
        if !info.nodes.is_empty() {
            let _ = writeln!(table, "  for      {}", info.nodes.join(", "));
        }
        let _ = writeln!(table, "  by       {}", info.issuer);
        let _ = writeln!(table, "  {valid:<8} {} to {}", info.not_before, info.not_after);
    }
    Ok(table.trim_end().into())
}

fn read(file: &Path) -> Outcome<Info> {
    let text = files::read(file)?;
    let (_, pem) = parse_x509_pem(text.as_bytes()).map_err(|error| Failure::new(file.display(), error))?;
    let certificate = pem.parse_x509().map_err(|error| Failure::new(file.display(), error))?;
    Ok(info(file, &certificate))
}

fn info(file: &Path, certificate: &X509Certificate<'_>) -> Info {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|names| names.value.general_names.as_slice()).unwrap_or_default();
    let nodes = names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_string()),
        _ => None,
    });
    let validity = certificate.validity();
    let day = |time: ASN1Time| time.to_rfc2822().unwrap_or_else(|error| error);
    Info {
        file: file.display().to_string(),
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        nodes: nodes.collect(),
        authority: certificate.is_ca(),
        is_called: certificate
            .extended_key_usage()
            .ok()
            .flatten()
            .is_some_and(|usage| usage.value.server_auth),
        not_before: day(validity.not_before),
        not_after: day(validity.not_after),
        valid_now: validity.is_valid(),
    }
}
