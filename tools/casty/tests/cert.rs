//! Certificates by the command: good for nodes, never overwritten, keys kept from others.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod folder;

use std::fs;
use std::path::Path;

use casty_tls::Identity;
use folder::Folder;

#[test]
fn what_is_made_is_an_identity_of_a_node() {
    let folder = Folder::new("identity");
    folder.made(&["create-ca"]);
    folder.made(&["create-node", "node-1"]);
    let (certificate, key) = (folder.read("node-1.pem"), folder.read("node-1.key"));
    assert!(Identity::from_pem(&certificate, &key, &folder.read("authority.pem")).is_ok());
}

#[cfg(unix)]
#[test]
fn keys_are_only_for_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("keys");
    folder.made(&["create-ca"]);
    folder.made(&["create-node", "node-1"]);
    let mode = |name: &str| fs::metadata(folder.0.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("authority.key"), mode("node-1.key")), (0o600, 0o600));
}

#[test]
fn nothing_is_overwritten_unless_it_is_asked_for() {
    let folder = Folder::new("overwritten");
    folder.made(&["create-ca"]);
    let before = folder.read("authority.key");
    let error = folder.refused(&["create-ca"]);
    assert!(error.contains("it is there already; --force replaces it"), "{error}");
    assert_eq!(folder.read("authority.key"), before);
    folder.made(&["create-ca", "--force"]);
    assert_ne!(folder.read("authority.key"), before);
}

#[test]
fn what_cannot_be_done_is_said_and_leaves_nothing() {
    let folder = Folder::new("cannot");
    let error = folder.refused(&["create-node", "node-1"]);
    assert!(error.contains("authority.key"), "{error}");
    folder.made(&["create-ca"]);
    for name in ["../node", "two words", "", "-x", "authority"] {
        let error = folder.refused(&["create-node", "--", name]);
        assert!(error.contains(name), "{error}");
    }
    fs::write(folder.0.join("authority.pem"), "garbage").unwrap();
    let error = folder.refused(&["create-node", "node-1"]);
    assert!(error.contains("authority.pem"), "{error}");
    assert!(!Path::new(&folder.0.join("node-1.key")).exists());
}

#[test]
fn a_list_says_for_whom_certificates_are_to_people_and_to_programs() {
    let folder = Folder::new("list");
    folder.made(&["create-ca", "--name", "ours"]);
    folder.made(&["create-node", "node-1", "--days", "3"]);
    let table = String::from_utf8(folder.run(&["list"]).stdout).unwrap();
    assert!(table.contains("authority CN=ours") && table.contains("for      node-1"), "{table}");
    let json = String::from_utf8(folder.run(&["list", "--json"]).stdout).unwrap();
    assert!(
        json.contains("\"nodes\": [\n      \"node-1\"\n    ]") && json.contains("\"valid_now\": true"),
        "{json}"
    );
}

#[test]
fn a_client_has_a_certificate_that_nobody_takes_for_that_of_a_node() {
    let folder = Folder::new("client");
    folder.made(&["create-ca"]);
    folder.made(&["create-node", "node-1"]);
    folder.made(&["create-client", "operator"]);
    let (certificate, key) = (folder.read("operator.pem"), folder.read("operator.key"));
    assert!(Identity::from_pem(&certificate, &key, &folder.read("authority.pem")).is_ok());
    let table = String::from_utf8(folder.run(&["list"]).stdout).unwrap();
    assert!(table.contains("client CN=operator") && table.contains("node CN=node-1"), "{table}");
}

#[test]
fn what_was_made_is_said_to_programs() {
    let folder = Folder::new("said");
    let made = folder.run(&["create-ca", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert!(json["certificate"].as_str().unwrap().ends_with("authority.pem"), "{json}");
    assert!(json["key"].as_str().unwrap().ends_with("authority.key"), "{json}");
}
