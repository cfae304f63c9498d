//! The public names, each once, with what a program relies on besides methods.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use core::fmt::Debug;
use core::hash::Hash;
use std::collections::BTreeSet;
use std::error::Error;

use syn::{Item, UseTree, Visibility};

const fn goes_anywhere<T: Send + Sync + 'static>() {}
const fn can_be_moved<T: Send + 'static>() {}
const fn is_cheap_to_copy<T: Copy>() {}
const fn is_a_value<T: Clone + Debug>() {}
const fn is_a_key<T: Clone + Eq + Hash + Debug>() {}
const fn is_an_error<T: Error + Send + Sync + 'static>() {}
const fn is_a_future<T: Future + Send>() {}

/// A message for other nodes.
#[derive(serde::Serialize, serde::Deserialize)]
struct Told;

impl casty::Remote for Told {
    const NAME: &'static str = "api.Told";
}

/// A message that may move between threads but not be shared by them.
type Cell = core::cell::Cell<u8>;

const _: () = {
    goes_anywhere::<casty::ActorRef<Cell>>();
    goes_anywhere::<casty::ActorSystem>();
    goes_anywhere::<casty::AnyRef>();
    goes_anywhere::<casty::Behavior<Cell>>();
    goes_anywhere::<casty::Builder>();
    goes_anywhere::<casty::Node>();
    goes_anywhere::<casty::Cluster>();
    goes_anywhere::<casty::Limits>();
    goes_anywhere::<casty::ReplyTo<Cell>>();
    goes_anywhere::<casty::Signal>();
    goes_anywhere::<casty::Smol>();
    goes_anywhere::<casty::Supervision>();
    can_be_moved::<casty::AsyncContext<Cell>>();
    can_be_moved::<casty::Network>();
    can_be_moved::<casty::Membership>();
    is_a_value::<casty::cluster::ClusterEvent>();
    is_a_value::<casty::cluster::ClusterState>();
    is_a_value::<casty::cluster::Downing>();
    is_a_value::<casty::cluster::Member>();
    is_cheap_to_copy::<casty::cluster::MemberStatus>();
    goes_anywhere::<casty::Entities<Told>>();
    goes_anywhere::<casty::EntityRef<Told>>();
    can_be_moved::<casty::ShardEnvelope<Told>>();
    is_a_value::<casty::Shards>();
    is_a_value::<casty::ShardsRefused>();
    is_a_value::<casty::ShardsWait>();
    is_a_value::<casty::StateLeftBehind>();
    is_a_value::<casty::PlacementRefused>();
    is_a_value::<casty::cluster::Allocation>();
    is_a_value::<casty::cluster::Pinned>();
    is_cheap_to_copy::<casty::cluster::ShardHost<'static>>();
    is_cheap_to_copy::<casty::cluster::ShardPlacing<'static>>();
    is_a_value::<casty::Singleton>();
    is_a_value::<casty::SingletonWaits>();
    goes_anywhere::<casty::Services>();
    goes_anywhere::<casty::Broadcast<Told>>();
    is_a_key::<casty::ServiceKey<Told>>();
    is_a_value::<casty::Listing<Told>>();
    is_a_value::<casty::Answers<u8>>();
    can_be_moved::<casty::Routing<Told>>();
    is_a_future::<casty::Asking<Cell>>();
    is_an_error::<casty::ServiceError>();
    is_an_error::<casty::WaitForError>();
    is_an_error::<casty::cluster::BarrierError>();
    is_a_future::<casty::Barrier>();
    goes_anywhere::<casty::lease::MemoryLeases>();
    is_an_error::<casty::lease::LeaseError>();
    is_a_key::<casty::lease::Claim>();
    is_a_future::<casty::Leaving>();
    is_a_future::<casty::WaitFor>();
    can_be_moved::<casty::States>();
    is_a_value::<casty::RemoteLimits>();
    is_a_value::<casty::remote::PeerCounters>();
    is_cheap_to_copy::<casty::remote::NodeCounters>();
    is_a_value::<casty::inspect::NodeStatus>();
    is_a_value::<casty::inspect::ActorsPage>();
    is_cheap_to_copy::<casty::inspect::ActorState>();
    is_an_error::<casty::inspect::InspectError>();
    is_a_value::<casty::inspect::MembersPage>();
    can_be_moved::<casty::operate::Operate>();
    is_an_error::<casty::operate::OperateError>();
    is_a_key::<casty::NodeId>();
    goes_anywhere::<casty::Json>();
    goes_anywhere::<casty::MessagePack>();
    goes_anywhere::<casty::Lz4>();
    goes_anywhere::<casty::Deflate>();
    is_an_error::<casty::codec::CodecError>();
    is_an_error::<casty::compression::Corrupt>();
    is_an_error::<casty::remote::Refusal>();
    is_an_error::<casty::NetworkError>();
    is_an_error::<casty::RemoteLookupError>();
    is_a_future::<casty::Starting>();
    is_a_future::<casty::RemoteLookup<Told>>();
    can_be_moved::<casty::Job>();
    can_be_moved::<casty::Mailbox<Cell>>();
    can_be_moved::<casty::SpawnOptions<Cell>>();
    can_be_moved::<casty::Step<Cell, Cell>>();
    can_be_moved::<casty::Task>();
};

const _: () = {
    is_cheap_to_copy::<casty::ActorId>();
    is_cheap_to_copy::<casty::AllForOne>();
    is_cheap_to_copy::<casty::Backoff>();
    is_cheap_to_copy::<casty::DeadReason>();
    is_cheap_to_copy::<casty::Directive>();
    is_cheap_to_copy::<casty::Instant>();
    is_cheap_to_copy::<casty::OneForOne>();
    is_cheap_to_copy::<casty::Order>();
    is_cheap_to_copy::<casty::Overflow>();
    is_cheap_to_copy::<casty::RestForOne>();
    is_cheap_to_copy::<casty::Scope>();
    is_cheap_to_copy::<casty::TaskId>();
    is_cheap_to_copy::<casty::TraceStep>();
    is_cheap_to_copy::<casty::WorkerId>();
    is_a_value::<casty::ActorFailed>();
    is_a_value::<casty::ActorRestarted>();
    is_a_value::<casty::ActorStarted>();
    is_a_value::<casty::ActorStopped>();
    is_a_value::<casty::DeadLetter>();
    is_a_value::<casty::Effect>();
    is_a_value::<casty::Failure>();
    is_a_value::<casty::Footprint>();
    is_a_value::<casty::Heard>();
    is_a_value::<casty::History>();
    is_a_value::<casty::Level>();
    is_a_value::<casty::Rng>();
    is_a_value::<casty::ShutdownReport>();
    is_a_value::<casty::SpyEvent>();
    is_a_value::<casty::Unhandled>();
    is_a_key::<casty::ActorRef<Cell>>();
    is_a_key::<casty::AnyRef>();
    is_a_key::<casty::Path>();
    is_a_key::<casty::TimerKey>();
    is_cheap_to_copy::<casty::TraceContext>();
    is_a_key::<casty::TraceContext>();
    can_be_moved::<casty::Traced<'static, Cell>>();
};

const _: () = {
    is_an_error::<casty::AskError>();
    is_an_error::<casty::InvalidName>();
    is_an_error::<casty::InvalidPath>();
    is_an_error::<casty::InvalidTraceContext>();
    is_an_error::<casty::LookupError>();
    is_an_error::<casty::NotAChild>();
    is_an_error::<casty::Panic>();
    is_an_error::<casty::SendError<u8>>();
    is_an_error::<casty::SpawnError>();
    is_an_error::<casty::StartError>();
    is_an_error::<casty::StashFull<u8>>();
    is_an_error::<casty::TaskError>();
    is_a_future::<casty::Ask<Cell>>();
    is_a_future::<casty::Sending<Cell>>();
    is_a_future::<casty::Shutdown>();
    is_a_future::<casty::Sleep>();
};

const _: () = {
    const WORD: usize = size_of::<usize>();
    assert!(size_of::<casty::ActorRef<[u64; 9]>>() == 2 * WORD);
    assert!(size_of::<Option<casty::ActorRef<u8>>>() <= 3 * WORD);
    assert!(size_of::<casty::AnyRef>() == 2 * WORD);
    assert!(size_of::<casty::ReplyTo<[u64; 9]>>() <= 3 * WORD);
    assert!(size_of::<casty::Behavior<[u64; 9]>>() <= 4 * WORD);
    assert!(size_of::<casty::EntityRef<Told>>() <= 13 * WORD);
    assert!(size_of::<casty::Instant>() == 8);
    assert!(casty::NAME_BYTES_MAX == 128);
};

/// Traits that a program implements or calls, each by a function that needs nothing else.
#[allow(dead_code, reason = "it is enough that they compile")]
mod traits {
    fn refers(actor: &impl casty::Refers) -> casty::AnyRef {
        actor.to_any()
    }

    fn store(store: &impl casty::Store<u8>) -> usize {
        store.len()
    }

    fn strategy(strategy: &dyn casty::Strategy) -> casty::Scope {
        strategy.scope()
    }

    fn leases(
        leases: &dyn casty::lease::Leases,
        claim: &casty::lease::Claim,
    ) -> casty::lease::LeaseAnswer<u64> {
        leases.acquire(claim)
    }

    fn executor(executor: &dyn casty::Executor) -> casty::Instant {
        executor.now()
    }

    fn context(ctx: &casty::Context<u8>) -> casty::ActorSystem {
        ctx.system()
    }
}

#[test]
fn a_program_ends_with_its_error() {
    fn program(name: &str) -> casty::Result {
        use casty::OnSmol;
        casty::block_on(async {
            let system = casty::ActorSystem::builder(name).start()?;
            system.shutdown_within(casty::mins(1)).await;
            Ok(())
        })
    }
    assert!(program("fine").is_ok());
    let error = program("not fine").unwrap_err();
    assert_eq!(error.to_string(), "`not fine` cannot be the name of a system: a name must not contain ' '");
}

#[test]
fn durations_are_written_short() {
    assert_eq!(casty::secs(2), casty::millis(2_000));
    assert_eq!(casty::mins(2), casty::secs(120));
    assert_eq!(casty::hours(2), casty::mins(120));
}

#[test]
fn every_public_name_of_core_is_in_this_file() {
    let ends = |c: char| !c.is_alphanumeric() && c != '_';
    let uses = include_str!("api.rs").split("casty::").skip(1);
    let here: BTreeSet<_> = uses.filter_map(|used| used.split(ends).next()).collect();
    let roots = [include_str!("../core/src/lib.rs"), include_str!("../core/src/actor/mod.rs")];
    let names: BTreeSet<String> = roots.into_iter().flat_map(public_names).collect();
    assert!(names.contains("ActorRef"), "the names are found at all");
    let missing: Vec<_> = names.iter().filter(|name| !here.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "not in tests/api.rs: {missing:?}");
}

/// The names that a file of Rust exports by `pub use`.
fn public_names(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).unwrap();
    let trees = file.items.into_iter().filter_map(|item| match item {
        Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => Some(item.tree),
        _ => None,
    });
    trees.flat_map(leaves).collect()
}

fn leaves(tree: UseTree) -> Vec<String> {
    match tree {
        UseTree::Path(path) => leaves(*path.tree),
        UseTree::Group(group) => group.items.into_iter().flat_map(leaves).collect(),
        UseTree::Name(name) => vec![name.ident.to_string()],
        UseTree::Rename(rename) => vec![rename.rename.to_string()],
        UseTree::Glob(_) => Vec::new(),
    }
}
