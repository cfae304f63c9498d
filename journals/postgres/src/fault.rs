//! What an error of the server means for what was asked.

use tokio_postgres::Error;
use tokio_postgres::error::Severity;

use crate::settings::chain;

/// What an error means for a statement.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The connection is gone, or no good: what became of the statement is unknown.
    Lost(String),
    /// Nothing happened, and it may be tried again: two transactions were in each other's way.
    Again(String),
    /// Nothing happened, because of something in it; its other parts may be sound.
    Part(String),
    /// Nothing happened, and it would be the same for any other.
    Whole(String),
}

impl Trouble {
    pub(crate) fn of(error: &Error) -> Self {
        let text = text(error);
        let Some(db) = error.as_db_error() else {
            // What cannot be encoded has not been sent.
            let kept = error.to_string().contains("serializing parameter");
            return if kept { Self::Part(text) } else { Self::Lost(text) };
        };
        if matches!(db.parsed_severity(), Some(Severity::Fatal | Severity::Panic)) {
            return Self::Lost(text);
        }
        match db.code().code() {
            "40001" | "40P01" => Self::Again(text),
            // A standby since; a session without what was prepared in it; a server that goes or comes.
            "25006" | "26000" | "57P01" | "57P02" | "57P03" => Self::Lost(text),
            "0A000" if db.message().contains("cached plan") => Self::Lost(text),
            code if code.starts_with("08") => Self::Lost(text),
            code if ["22", "23", "54", "XX"].iter().any(|class| code.starts_with(class)) => Self::Part(text),
            "55P03" | "57014" => Self::Part(text),
            _ => Self::Whole(text),
        }
    }

    /// Whether the server says that what it has stored is damaged.
    pub(crate) fn is_damage(error: &Error) -> bool {
        error.code().is_some_and(|code| code.code().starts_with("XX"))
    }
}

/// What happened, in words: the server's, and its code.
pub(crate) fn text(error: &Error) -> String {
    let Some(db) = error.as_db_error() else { return chain(error) };
    let code = db.code().code();
    let known = match code {
        "53100" => "the server's disk is full: ",
        "57P01" => "the server was told to shut down: ",
        "57014" => "the statement took too long: ",
        "55P03" => "another transaction holds a lock for too long: ",
        "28P01" => "the password is wrong, or the user unknown: ",
        _ => "",
    };
    format!("{known}{} (SQLSTATE {code})", db.message())
}
