//! What reads on one connection: one question after the other.

use core::time::Duration;
use std::time::Instant;

use async_channel::Receiver;

use crate::fault::Trouble;
use crate::line::{Line, within};
use crate::question::Asked;
use crate::statements::Reading;

pub(crate) struct Reader {
    line: Line<Reading>,
    incoming: Receiver<Asked>,
}

impl Reader {
    pub(crate) const fn new(line: Line<Reading>, incoming: Receiver<Asked>) -> Self {
        Self { line, incoming }
    }

    /// Reads until nobody can ask any more.
    pub(crate) async fn run(mut self) {
        while let Ok(asked) = self.incoming.recv().await {
            if asked.question.is_wanted() {
                self.carry_out(asked).await;
            }
        }
        self.line.close().await;
    }

    async fn carry_out(&mut self, Asked { mut question, deadline, _place }: Asked) {
        let limits = self.line.settings.limits;
        let limit = self.line.settings.statement_timeout + Duration::from_secs(1);
        while Instant::now() < deadline {
            let Some(link) = self.line.ready(deadline).await else { break };
            let cause = match within(limit, question.ask(link, limits)).await {
                Some(Ok(rows)) => {
                    self.line.proved();
                    return question.answer(&rows);
                }
                Some(Err(error)) if Trouble::is_damage(&error) && question.narrow() => continue,
                Some(Err(error)) => match Trouble::of(&error) {
                    Trouble::Lost(cause) => cause,
                    Trouble::Again(cause) => {
                        self.line.note(cause);
                        continue;
                    }
                    Trouble::Part(cause) | Trouble::Whole(cause) => return question.fail(&cause),
                },
                None => format!("the server gave no answer within {limit:?}"),
            };
            self.line.lost(&cause);
        }
        question.fail(self.line.cause());
    }
}
