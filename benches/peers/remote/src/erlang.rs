//! Erlang: two nodes of its distribution, run by `erl` on the loopback interface.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::counter::Server;

/// The module, with both sides.
const SOURCE: &str = include_str!("remote.erl");

/// Whether this machine has it.
pub(crate) fn is_here() -> bool {
    Command::new("erlc").arg("-help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Says the name of a node that serves, and becomes it.
pub(crate) fn serve() {
    let failed = erl("serve", &["serve"]).exec();
    panic!("erl: {failed}");
}

/// Starts a node that serves, and says what another one measures.
pub(crate) fn drive(row: &str) {
    let server = Server::start("erlang");
    let status = erl("drive", &["drive", &server.address, row]).status().unwrap();
    assert!(status.success(), "erl: {status}");
}

fn erl(name: &str, arguments: &[&str]) -> Command {
    let folder = compiled();
    let name = format!("{name}-{}@127.0.0.1", std::process::id());
    let mut command = Command::new("erl");
    command.env("ERL_EPMD_ADDRESS", "127.0.0.1");
    command.args(["-noshell", "-name", &name, "-setcookie", "casty"]);
    command.args(["-kernel", "inet_dist_use_interface", "{127,0,0,1}", "-pa"]).arg(folder);
    command.args(["-run", "remote", "main"]).args(arguments);
    command
}

/// The folder of the compiled module.
fn compiled() -> PathBuf {
    let folder = std::env::current_exe().unwrap().with_file_name("erlang-remote");
    if !folder.join("remote.beam").exists() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("remote.erl"), SOURCE).unwrap();
        let status = Command::new("erlc").arg("-o").arg(&folder).arg(folder.join("remote.erl")).status();
        assert!(status.unwrap().success());
    }
    folder
}
