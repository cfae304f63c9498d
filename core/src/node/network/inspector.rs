//! Who answers those that inspect a node: one actor for how it is, one that shows actors.

use alloc::string::String;
use alloc::vec::Vec;

use super::inspect::{
    ActorReport, ActorState, ActorsPage, Inspect, InspectError, MembersPage, NodeStatus, PAGE_ACTORS_MAX,
    PAGE_MEMBERS_MAX,
};
use super::surveying::{Seen, Sight, gather};
use crate::actor::{ActorRef, AnyRef, Behavior, Mailbox, Overflow, ReplyTo, SpawnOptions, Standing, World};
use crate::cluster::{ClusterState, Member};
use crate::id::ActorId;
use crate::node::cluster::board::Board;
use crate::remote::Hub;
use crate::sync::Arc;

/// The question for a page.
struct Wanted {
    of: String,
    after: ActorId,
    max: usize,
    reply: ReplyTo<Result<ActorsPage, InspectError>>,
}

/// So many pages may be waited for; beyond that nobody answers.
const WANTED_MAX: usize = 64;
const TAKES_BYTES_MAX: usize = 256;

/// Answers whoever inspects the node of its system. A page takes time, so that a child sees to it.
pub(super) fn inspector(board: Option<Arc<Board>>) -> Behavior<Inspect> {
    Behavior::setup(move |ctx| {
        let board = board.clone();
        let begun = ctx.now();
        let mailbox = Mailbox::bounded(WANTED_MAX, Overflow::Reject);
        let surveyor = ctx.spawn_with(surveyor(), SpawnOptions::named("actors").mailbox(mailbox));
        let surveyor: ActorRef<Wanted> = match surveyor {
            Ok(surveyor) => surveyor,
            Err(error) => return Behavior::fail(error),
        };
        Behavior::receive(move |ctx, question| {
            match question {
                Inspect::Status(reply) => {
                    // Without its node nobody would have asked.
                    if let Some(hub) = Hub::of(ctx.world()) {
                        reply.tell(status(&hub, ctx.now().since(begun)));
                    }
                }
                Inspect::Children { of, after, max, reply } => {
                    let max = max.clamp(1, PAGE_ACTORS_MAX) as usize;
                    let wanted = Wanted { of, after: ActorId::new(after), max, reply };
                    // Who asks too much hears that nobody answers.
                    drop(surveyor.try_tell(wanted));
                }
                Inspect::Members { after, max, reply } => {
                    let max = max.clamp(1, PAGE_MEMBERS_MAX) as usize;
                    let board = board.as_ref().ok_or(InspectError::NoCluster);
                    reply.tell(board.map(|board| board.read(|state| members(state, after, max))));
                }
            }
            Behavior::same()
        })
    })
}

fn status(hub: &Hub, uptime: core::time::Duration) -> NodeStatus {
    let world = hub.world();
    NodeStatus {
        node: hub.me().clone(),
        system: String::from(world.name()),
        address: String::from(hub.address()),
        version: String::from(env!("CARGO_PKG_VERSION")),
        uptime,
        actors: world.actors() as u64,
        dead_letters: world.dead_letters(),
        counters: hub.counters(),
    }
}

fn members(state: &ClusterState, after: u64, max: usize) -> MembersPage {
    let mut members: Vec<&Member> = state.members.iter().filter(|it| it.id.incarnation > after).collect();
    members.sort_by_key(|member| member.id.incarnation);
    MembersPage {
        status: state.status,
        leader: state.leader.clone(),
        converged: state.converged,
        more: members.len() > max,
        members: members.into_iter().take(max).cloned().collect(),
    }
}

/// Shows actors.
fn surveyor() -> Behavior<Wanted> {
    Behavior::setup(|ctx| {
        let world = Arc::clone(ctx.world());
        Behavior::receive_async(move |_, wanted| {
            let world = Arc::clone(&world);
            async move {
                let Wanted { of, after, max, reply } = wanted;
                reply.tell(page(&world, &of, after, max).await);
                Behavior::same()
            }
        })
    })
}

async fn page(world: &World, of: &str, after: ActorId, max: usize) -> Result<ActorsPage, InspectError> {
    // One more than is wanted shows whether there are more.
    let mut children = match find(world, of).await? {
        None => below_the_root(world, after, max + 1),
        Some(parent) => below(parent, after, max + 1).await?,
    };
    let more = children.len() > max;
    children.truncate(max);
    let seen = gather(children.into_iter().map(|child| Sight::new(child, ActorId::ROOT, 0))).await;
    Ok(ActorsPage { actors: seen.into_iter().map(report).collect(), more })
}

/// The actor at that path; `None` for the root.
async fn find(world: &World, path: &str) -> Result<Option<AnyRef>, InspectError> {
    let mut found: Option<AnyRef> = None;
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let parent = found.as_ref().map_or(ActorId::ROOT, AnyRef::id);
        let number = name.strip_prefix('$').and_then(|number| number.parse().ok());
        let child = match (number, found) {
            (None, _) => world.names().child(parent, name),
            (Some(number), None) => below_the_root(world, ActorId::new(before(number)), 1).pop(),
            (Some(number), Some(parent)) => below(parent, ActorId::new(before(number)), 1).await?.pop(),
        };
        let its_own = |child: &AnyRef| number.is_none_or(|number| child.id().number() == number);
        found = Some(child.filter(its_own).ok_or(InspectError::NotFound)?);
    }
    Ok(found)
}

const fn before(number: u64) -> u64 {
    number.saturating_sub(1)
}

fn below_the_root(world: &World, after: ActorId, max: usize) -> Vec<AnyRef> {
    world.look_at_root(None, |children| children.after(after, max).cloned().collect())
}

async fn below(parent: AnyRef, after: ActorId, max: usize) -> Result<Vec<AnyRef>, InspectError> {
    let seen = gather([Sight::new(parent, after, max)].into_iter()).await.pop();
    let (actor, seen) = seen.ok_or(InspectError::NotFound)?;
    match seen.shown {
        Some(shown) => Ok(shown.page),
        None if actor.is_stopped() => Err(InspectError::NotFound),
        None => Err(InspectError::Blocked),
    }
}

fn report((actor, seen): (AnyRef, Seen)) -> ActorReport {
    let (hands, shown) = (seen.shown.as_ref().map_or(0, |shown| shown.hands), seen.shown.as_ref());
    let waiting = (seen.waiting + hands) as u64;
    let state = shown.map_or(ActorState::Blocked, |shown| match shown.standing {
        Standing::Running if shown.busy || waiting > 0 => ActorState::Busy,
        Standing::Running => ActorState::Idle,
        Standing::Starting => ActorState::Starting,
        Standing::Suspended => ActorState::Suspended,
        Standing::Restarting => ActorState::Restarting,
        Standing::Stopping => ActorState::Stopping,
    });
    let takes = actor.takes();
    let whole = takes.char_indices().map(|(at, c)| at + c.len_utf8());
    let bytes = whole.take_while(|end| *end <= TAKES_BYTES_MAX).last().unwrap_or_default();
    ActorReport {
        number: actor.id().number(),
        name: actor.own_name(),
        takes: String::from(&takes[..bytes]),
        state,
        waiting,
        restarts: shown.map(|shown| u64::from(shown.restarts)),
        children: shown.map(|shown| shown.children as u64),
    }
}
