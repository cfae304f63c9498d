//! What frames are called in logs.

use super::Frame;

impl Frame<'_> {
    /// What it is called in logs.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Tell { .. } => "tell",
            Self::Alias { .. } => "alias",
            Self::Reply { .. } => "reply",
            Self::LetGo { .. } => "let go",
            Self::Watch { .. } => "watch",
            Self::Unwatch { .. } => "unwatch",
            Self::Terminated { .. } => "terminated",
            Self::Lookup { .. } => "lookup",
            Self::Ack { .. } => "ack",
            Self::Ping => "ping",
            Self::TellCompressed { .. } => "compressed tell",
            Self::ReplyCompressed { .. } => "compressed reply",
            Self::Part { .. } => "part",
            Self::Whole { .. } => "whole",
            Self::TracedTell { .. } => "traced tell",
            Self::TracedTellCompressed { .. } => "compressed traced tell",
            Self::Rest => "rest",
            Self::Bye => "bye",
            Self::Probe { .. } => "probe",
            Self::Echo { .. } => "echo",
            Self::Cluster { .. } => "cluster",
        }
    }
}
