//! The Erlang contender: compiled where it is found, run by `erl`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The module, with all workloads.
const SOURCE: &str = include_str!("../erlang/peers.erl");

/// Compiles the module into a folder of its own below `folder`.
///
/// # Errors
/// Why there is no Erlang, in a sentence.
pub fn prepare(folder: &Path) -> Result<PathBuf, String> {
    let folder = folder.join("erlang");
    let source = folder.join("peers.erl");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    std::fs::write(&source, SOURCE).map_err(|error| error.to_string())?;
    let compiled = Command::new("erlc").arg("-o").arg(&folder).arg(&source).output();
    match compiled {
        Err(_) => Err("there is no `erlc` on this machine".into()),
        Ok(output) if output.status.success() => Ok(folder),
        Ok(output) => Err(format!("erlc: {}", String::from_utf8_lossy(&output.stdout).trim())),
    }
}

/// Runs the module on that many schedulers; the case follows as arguments.
#[must_use]
pub fn command(folder: &Path, threads: usize) -> Command {
    let mut command = Command::new("erl");
    command.args(["+S", &format!("{threads}:{threads}"), "+P", "2097152", "-noshell", "-pa"]);
    command.arg(folder).args(["-run", "peers", "main"]);
    command
}

/// The release, as it says itself.
#[must_use]
pub fn version() -> Option<String> {
    let say = "io:format(\"OTP ~s, erts ~s\", [erlang:system_info(otp_release), erlang:system_info(version)]), halt().";
    let output = Command::new("erl").args(["-noshell", "-eval", say]).output().ok()?;
    String::from_utf8(output.stdout).ok().filter(|text| !text.is_empty())
}
