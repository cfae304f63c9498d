//! `casty down` and `casty leave`: what an operator wants of a cluster.

use casty_core::NodeId;
use casty_core::cluster::MemberStatus;
use casty_core::operate::{Operate, OperateError};
use clap::Args;
use serde::Serialize;

use crate::files::{Failure, Outcome};
use crate::reach::{Reach, Session};
use crate::said;

#[derive(Args)]
pub(crate) struct Down {
    #[command(flatten)]
    reach: Reach,
    /// The member, as NAME, or as NAME#INCARNATION where several have that name.
    node: String,
    /// Gives it up although it is reached.
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub(crate) struct Leave {
    #[command(flatten)]
    reach: Reach,
}

/// Who was given up, for programs.
#[derive(Serialize)]
struct Downed {
    node: String,
    incarnation: u64,
}

/// How it has left, for programs.
#[derive(Serialize)]
struct Left {
    status: String,
}

impl Down {
    pub(crate) async fn run(self, json: bool) -> Outcome<String> {
        let (name, incarnation) = self.whom().map_err(Failure::into_usage)?;
        let session = self.reach.operate().await?;
        let order = |reply| Operate::Down { name, incarnation, force: self.force, reply };
        let answer = session.ask(order).await.and_then(|answer| self.downed(&session, answer));
        session.close().await;
        let NodeId { name: node, incarnation } = answer?;
        if json {
            said::json(&Downed { node, incarnation })
        } else {
            Ok(format!("{}#{incarnation} is given up", node.escape_debug()))
        }
    }

    fn whom(&self) -> Outcome<(String, Option<u64>)> {
        let Some((name, incarnation)) = self.node.split_once('#') else {
            return Ok((self.node.clone(), None));
        };
        let incarnation =
            incarnation.parse().map_err(|_| Failure::new(&self.node, "an incarnation is a number"))?;
        Ok((name.into(), Some(incarnation)))
    }

    fn downed(&self, session: &Session<Operate>, answer: Result<NodeId, OperateError>) -> Outcome<NodeId> {
        answer.map_err(|error| match error {
            OperateError::NoCluster | OperateError::Outside => session.failed(error),
            OperateError::Reachable => {
                Failure::new(&self.node, format!("{error}; --force gives it up all the same"))
            }
            OperateError::UnknownMember | OperateError::Ambiguous => Failure::new(&self.node, error),
        })
    }
}

impl Leave {
    pub(crate) async fn run(self, json: bool) -> Outcome<String> {
        let session = self.reach.operate().await?;
        let answer = session.ask(Operate::Leave).await;
        let answer = answer.and_then(|answer| answer.map_err(|error| session.failed(error)));
        let answer = answer.and_then(|status| match status {
            MemberStatus::Removed => Ok(status),
            status => Err(session.failed(format!("the node has not left, it was given up: {status}"))),
        });
        session.close().await;
        let status = answer?.to_string();
        if json { said::json(&Left { status }) } else { Ok("the node has left its cluster".into()) }
    }
}
