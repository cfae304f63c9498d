//! Nodes looked at by the command: what it says, whom it lets in, and how it ends.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod command;
mod folder;

use std::net::TcpListener;

use casty_core::remote::Secret;
use casty_core::{ActorSystem, Behavior, Network, Node, OneForOne, ReplyTo, mins};
use casty_smol::Smol;
use casty_tcp::Tcp;
use casty_tls::{Identity, Tls};
use command::{ended, json, said};
use folder::Folder;
use serde_json::Value;

/// To be answered, or to fail of.
type Question = Option<ReplyTo<()>>;

fn answered(question: Question) -> Behavior<Question> {
    match question {
        Some(reply) => reply.tell(()),
        None => return Behavior::fail("on purpose"),
    }
    Behavior::same()
}

/// A node with some actors, which shows itself.
fn node(network: Network) -> (ActorSystem, Node) {
    let system = ActorSystem::on(Smol::threads(2)).name("bank").start().unwrap();
    let starting = network.listen("127.0.0.1:0").inspectable().start(&system);
    let node = casty_smol::block_on(starting).unwrap();
    let accounts = Behavior::<Question>::setup(|ctx| {
        for name in ["alice", "bob"] {
            ctx.spawn(Behavior::<u32>::ignore(), name).unwrap();
        }
        Behavior::receive_message(answered)
    });
    let accounts = system.spawn(accounts, "accounts").unwrap();
    let fragile = Behavior::receive_message(answered).supervised(OneForOne::restarts(9, mins(1)));
    let fragile = system.spawn(fragile, "fragile").unwrap();
    (0..2).for_each(|_| fragile.tell(None));
    // What was told before is done when these are answered.
    for actor in [accounts, fragile] {
        casty_smol::block_on(actor.ask(Some, mins(1))).unwrap();
    }
    (system, node)
}

fn plain(folder: &Folder) -> (ActorSystem, Node) {
    folder.write("secret", "a long secret\n");
    node(Network::over(Tcp).node("node-1").secret(Secret::new("a long secret")))
}

#[test]
fn a_ping_says_who_is_there_and_how_long_each_answer_took() {
    let folder = Folder::new("ping");
    let (_system, node) = plain(&folder);
    let secret = folder.path("secret");
    let words = ["ping", node.address(), "--cluster", "bank", "--secret-file", &secret];
    let text = said(&words);
    let id = node.id();
    assert!(text.starts_with(&format!("{id} of bank at {}: casty ", node.address())), "{text}");
    assert!(text.contains("answer 1") && !text.contains("answer 2"), "{text}");
    let answers = json(&[&words[..], &["--count", "3", "--interval", "0.001", "--json"]].concat());
    assert_eq!((&answers["node"], &answers["system"]), (&Value::from("node-1"), &Value::from("bank")));
    assert_eq!(answers["incarnation"].as_u64(), Some(id.incarnation));
    assert_eq!(answers["round_trips_millis"].as_array().unwrap().len(), 3);
    assert_eq!(answers["counters"]["peers_connected"], 1);
}

#[test]
fn actors_are_shown_as_a_tree_to_people_and_by_their_paths_to_programs() {
    let folder = Folder::new("actors");
    let (_system, node) = plain(&folder);
    let secret = folder.path("secret");
    let words = ["actors", node.address(), "--cluster", "bank", "--secret-file", &secret];
    let text = said(&words);
    let place = |name: &str| text.lines().position(|line| line.trim_start().starts_with(name)).unwrap();
    assert!(place("accounts") < place("alice") && place("alice") < place("bob"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("  alice ") && line.ends_with("u32")), "{text}");
    let shown = json(&[&words[..], &["--json"]].concat());
    let find = |path: &str| {
        let actors = shown["actors"].as_array().unwrap();
        actors.iter().find(|actor| actor["path"] == path).unwrap_or_else(|| panic!("{path} in {shown}"))
    };
    assert_eq!((&find("fragile")["restarts"], &find("fragile")["state"]), (&2.into(), &"idle".into()));
    assert_eq!((&find("accounts")["children"], &find("accounts/bob")["takes"]), (&2.into(), &"u32".into()));
    assert_eq!(shown["complete"], true);
    let below = json(&[&words[..], &["--path", "/accounts", "--max", "1", "--json"]].concat());
    assert_eq!(below["actors"].as_array().unwrap().len(), 1);
    assert_eq!((&below["actors"][0]["path"], &below["complete"]), (&"accounts/alice".into(), &false.into()));
    let roots = json(&[&words[..], &["--depth", "1", "--json"]].concat());
    assert!(roots["actors"].as_array().unwrap().iter().all(|actor| actor["path"] != "accounts/bob"));
    let nobody = ended(&[&words[..], &["--path", "nobody"]].concat(), 1);
    assert!(nobody.contains("`nobody`: there is no such actor"), "{nobody}");
}

#[test]
fn who_is_not_of_the_system_is_refused_at_once_and_hears_why() {
    let folder = Folder::new("refused");
    let (_system, node) = plain(&folder);
    let address = node.address();
    folder.write("wrong", "another secret");
    let (secret, wrong) = (folder.path("secret"), folder.path("wrong"));
    let long = ["--timeout", "600"];
    let words = ["ping", address, "--cluster", "bank", "--secret-file", &wrong];
    let error = ended(&[&words[..], &long].concat(), 1);
    assert!(error.contains("refused: it does not have the same secret"), "{error}");
    let words = ["actors", address, "--cluster", "shop", "--secret-file", &secret];
    let error = ended(&[&words[..], &long].concat(), 1);
    // Whichever of the two says it first, of the other.
    assert!(error.contains("refused: it belongs to the system `"), "{error}");
    let words = ["ping", address, "--cluster", "bank", "--insecure"];
    let error = ended(&[&words[..], &long].concat(), 1);
    assert!(error.contains("refused: "), "{error}");
}

#[test]
fn where_nobody_is_or_nobody_answers_it_ends_in_time() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let error = ended(&["ping", &nobody, "--insecure", "--timeout", "0.3"], 1);
    assert!(error.contains("refused") || error.contains("no answer"), "{error}");
    // Connections are taken by the kernel, and nothing is ever said.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = mute.local_addr().unwrap().to_string();
    let error = ended(&["actors", &address, "--insecure", "--timeout", "0.3"], 1);
    assert!(error.contains(&address), "{error}");
}

#[test]
fn a_node_that_does_not_show_itself_says_so() {
    let system = ActorSystem::on(Smol::threads(1)).name("casty").start().unwrap();
    let network = Network::over(Tcp).listen("127.0.0.1:0").insecure();
    let node = casty_smol::block_on(network.start(&system)).unwrap();
    let error = ended(&["ping", node.address(), "--insecure"], 1);
    assert!(error.contains("the node is not inspectable"), "{error}");
}

#[test]
fn over_tls_an_operator_is_let_in_by_a_certificate_and_by_no_other_name_than_its_own() {
    let folder = Folder::new("tls");
    folder.made(&["create-ca"]);
    folder.made(&["create-node", "node-1"]);
    folder.made(&["create-client", "operator"]);
    let [certificate, key, authority] =
        ["node-1.pem", "node-1.key", "authority.pem"].map(|name| folder.read(name));
    let identity = Identity::from_pem(&certificate, &key, &authority).unwrap();
    let (_system, node) = node(Network::over(Tls::over(Tcp, identity)).node("node-1"));
    let [certificate, key, authority] =
        ["operator.pem", "operator.key", "authority.pem"].map(|name| folder.path(name));
    let shown = ["--cluster", "bank", "--cert", &certificate, "--key", &key, "--ca", &authority];
    let answers = json(&[&["ping", node.address(), "--json"], &shown[..]].concat());
    assert_eq!(answers["node"], "node-1");
    let connected: Vec<String> = node.peers().into_iter().map(|peer| peer.peer.name).collect();
    assert_eq!(connected, ["operator"]);
    let error = ended(&[&["ping", node.address(), "--name", "node-2"], &shown[..]].concat(), 1);
    assert!(error.contains("refused: its certificate is not for the node that it says to be"), "{error}");
    // Of another authority.
    let others = Folder::new("tls-others");
    others.made(&["create-ca"]);
    others.made(&["create-client", "operator"]);
    let [certificate, key] = ["operator.pem", "operator.key"].map(|name| others.path(name));
    let shown = ["--cluster", "bank", "--cert", &certificate, "--key", &key, "--ca", &authority];
    let error = ended(&[&["ping", node.address(), "--timeout", "2"], &shown[..]].concat(), 1);
    assert!(error.contains(node.address()), "{error}");
    // The certificate of an operator is not one that is called.
    let [certificate, key, authority] =
        ["operator.pem", "operator.key", "authority.pem"].map(|name| folder.read(name));
    let identity = Identity::from_pem(&certificate, &key, &authority).unwrap();
    let (_other, false_node) = self::node(Network::over(Tls::over(Tcp, identity)).node("operator"));
    let [certificate, key, authority] =
        ["node-1.pem", "node-1.key", "authority.pem"].map(|name| folder.path(name));
    let shown = ["--cluster", "bank", "--cert", &certificate, "--key", &key, "--ca", &authority];
    let error = ended(&[&["ping", false_node.address(), "--timeout", "2"], &shown[..]].concat(), 1);
    assert!(error.contains("certificate"), "{error}");
}

#[test]
fn a_wrong_call_ends_with_2_before_anything_is_dialed() {
    let folder = Folder::new("usage");
    folder.write("unfit", "no certificate");
    let unfit = folder.path("unfit");
    let wrong: [&[&str]; 8] = [
        &["ping"],
        &["ping", "127.0.0.1:1"],
        &["ping", "127.0.0.1:1", "--insecure", "--secret-file", &unfit],
        &["ping", "127.0.0.1:1", "--cert", &unfit],
        &["ping", "127.0.0.1:1", "--cert", &unfit, "--key", &unfit, "--ca", &unfit],
        &["ping", "127.0.0.1:1", "--secret-file", "/nowhere/at/all"],
        &["ping", "127.0.0.1:1", "--insecure", "--timeout", "-1"],
        &["actors", "127.0.0.1:1", "--insecure", "--name", "no/name"],
    ];
    for words in wrong {
        ended(words, 2);
    }
}
