//! What is wrong with settings.

use core::fmt;

/// What is wrong with the settings.
///
/// ```
/// use casty_postgres::Settings;
///
/// let error = Settings::parse("postgres://db/bank?sslmode=require").unwrap_err();
/// assert!(error.to_string().contains("TLS"), "{error}");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SettingsError {
    /// The URL cannot be read, for this reason.
    Url(String),
    /// TLS is asked for, which this journal does not speak yet.
    Tls,
    /// This host is beyond the machine, and nobody has said that everything may go there in clear text.
    ClearText(String),
    /// This is no name for a schema.
    Schema(String),
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(cause) => write!(f, "the URL of the database: {cause}"),
            Self::Tls => f.write_str("TLS is asked for, and this journal does not speak it yet"),
            Self::ClearText(host) => write!(
                f,
                "{host} is not on this machine, and this journal does not speak TLS yet: say sslmode=disable to \
                 send everything there in clear text"
            ),
            Self::Schema(name) => write!(
                f,
                "{name:?} cannot be the schema: 1 to 63 of a-z, 0-9 and _, not a digit first, not pg_.."
            ),
        }
    }
}

impl core::error::Error for SettingsError {}
