//! The command, as a process: what it says, and how it ends.

#![allow(dead_code, reason = "each test binary uses its part of it")]

use std::process::{Command, Output};

use serde_json::Value;

fn casty(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_casty")).args(arguments).output().unwrap()
}

pub(crate) fn said(arguments: &[&str]) -> String {
    let output = casty(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&said(arguments)).unwrap()
}

pub(crate) fn ended(arguments: &[&str], code: i32) -> String {
    let output = casty(arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(output.stdout.is_empty());
    error
}
