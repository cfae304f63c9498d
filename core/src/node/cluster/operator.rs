//! Who carries out what an operator asks of a node: one actor for each kind of order.

use alloc::vec::Vec;
use core::future::poll_fn;

use super::handle::Cluster;
use super::operate::{Operate, OperateError};
use crate::actor::{ActorRef, Behavior, Context, Mailbox, Overflow, SpawnError, SpawnOptions};
use crate::cluster::{ClusterState, Member, MemberStatus};
use crate::node_id::NodeId;
use crate::sync::Arc;

/// So many orders of each kind may wait; beyond that nobody answers.
const ORDERS_MAX: usize = 64;

/// Takes orders. A node that leaves waits for all others to agree, perhaps until one of them is given up: so who leaves does not
/// keep that one waiting.
pub(in crate::node) fn operator() -> Behavior<Operate> {
    Behavior::setup(|ctx| {
        let workers = worker(ctx, "down").and_then(|down| Ok((down, worker(ctx, "leave")?)));
        let (down, leave) = match workers {
            Ok(workers) => workers,
            Err(error) => return Behavior::fail(error),
        };
        Behavior::receive_message(move |order| {
            let worker = if matches!(order, Operate::Down { .. }) { &down } else { &leave };
            // Who orders too much hears that nobody answers.
            drop(worker.try_tell(order));
            Behavior::same()
        })
    })
}

fn worker(ctx: &mut Context<Operate>, name: &str) -> Result<ActorRef<Operate>, SpawnError> {
    let obeys = Behavior::setup(|ctx| {
        let world = Arc::clone(ctx.world());
        Behavior::receive_async(move |_, order| {
            let cluster = Cluster::of(&world);
            async move {
                obey(cluster.as_ref(), order).await;
                Behavior::same()
            }
        })
    });
    let mailbox = Mailbox::bounded(ORDERS_MAX, Overflow::Reject);
    ctx.spawn_with(obeys, SpawnOptions::named(name).mailbox(mailbox))
}

async fn obey(cluster: Option<&Cluster>, order: Operate) {
    match (order, cluster) {
        (Operate::Down { reply, .. }, None) => reply.tell(Err(OperateError::NoCluster)),
        (Operate::Leave(reply), None) => reply.tell(Err(OperateError::NoCluster)),
        (Operate::Down { name, incarnation, force, reply }, Some(cluster)) => {
            let whom = cluster.board.read(|state| find(state, (&name, incarnation), force));
            if let Ok(id) = &whom {
                cluster.down(id);
                let mut place = None;
                let gone = |state: &ClusterState| is_out(state, id).then_some(());
                poll_fn(|cx| cluster.board.poll(cx, &mut place, gone)).await;
            }
            reply.tell(whom);
        }
        (Operate::Leave(reply), Some(cluster)) => {
            // Who has left hears the same again: the first answer may have been lost.
            if cluster.status() != Some(MemberStatus::Removed) {
                if !cluster.board.read(is_inside) {
                    return reply.tell(Err(OperateError::Outside));
                }
                cluster.leave().await;
            }
            reply.tell(cluster.status().ok_or(OperateError::Outside));
        }
    }
}

fn is_inside(state: &ClusterState) -> bool {
    state.status.is_some_and(|status| !status.is_out())
}

fn is_out(state: &ClusterState, id: &NodeId) -> bool {
    state.member(id).is_none_or(|member| member.status.is_out())
}

/// The member that is to be given up.
fn find(
    state: &ClusterState,
    (name, incarnation): (&str, Option<u64>),
    force: bool,
) -> Result<NodeId, OperateError> {
    if !is_inside(state) {
        return Err(OperateError::Outside);
    }
    let named = |member: &&Member| {
        member.id.name == name && incarnation.is_none_or(|incarnation| member.id.incarnation == incarnation)
    };
    let (gone, there): (Vec<&Member>, Vec<&Member>) =
        state.members.iter().filter(named).partition(|member| member.status.is_out());
    match (there.as_slice(), gone.first()) {
        ([], None) => Err(OperateError::UnknownMember),
        // It is what was wanted.
        ([], Some(gone)) => Ok(gone.id.clone()),
        ([member], _) if member.reachable && !force => Err(OperateError::Reachable),
        ([member], _) => Ok(member.id.clone()),
        _ => Err(OperateError::Ambiguous),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;
    use crate::cluster::MemberStatus::{Down, Up};

    fn member(name: &str, incarnation: u64, status: MemberStatus, reachable: bool) -> Member {
        let id = NodeId { name: name.into(), incarnation };
        let (address, version) = (String::new(), String::new());
        Member { id, address, roles: Vec::new(), version, protocols: (1, 1), status, age: 1, reachable }
    }

    #[test]
    fn who_is_to_be_given_up_is_found_by_name_or_by_incarnation_among_those_that_are_there() {
        let members = alloc::vec![
            member("a", 1, Up, true),
            member("b", 2, Up, false),
            member("c", 3, Down, true),
            member("c", 4, Up, false),
            member("d", 5, Up, false),
            member("d", 6, Up, false),
            member("e", 7, Down, true),
        ];
        let state = ClusterState { members, status: Some(Up), ..ClusterState::default() };
        let found =
            |name, incarnation, force| find(&state, (name, incarnation), force).map(|id| id.incarnation);
        assert_eq!(found("a", None, false), Err(OperateError::Reachable));
        assert_eq!(found("a", None, true), Ok(1));
        assert_eq!((found("b", None, false), found("b", Some(2), false)), (Ok(2), Ok(2)));
        assert_eq!(found("b", Some(3), true), Err(OperateError::UnknownMember));
        assert_eq!(found("c", None, false), Ok(4), "who is given up is not meant");
        assert_eq!(found("d", None, true), Err(OperateError::Ambiguous));
        assert_eq!(found("d", Some(6), false), Ok(6));
        assert_eq!(found("e", None, false), Ok(7), "it is what was wanted");
        let outside = ClusterState { status: Some(Down), ..state.clone() };
        assert_eq!(find(&outside, ("a", None), true), Err(OperateError::Outside));
        assert_eq!(find(&ClusterState::default(), ("a", None), true), Err(OperateError::Outside));
    }
}
