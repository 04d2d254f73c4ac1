//! Who is calling: passwords, second factors, tokens, logins. Nothing here knows HTTP.

mod opaque;
mod password;
mod recovery;
mod session;
mod token;
mod totp;

pub use opaque::{OpaqueToken, OpaqueTokens};
pub use password::{PASSWORD_MAX, PASSWORD_MIN, PasswordError, Passwords};
pub use recovery::{RecoveryCode, recovery_codes};
pub use session::{CurrentUser, Sessions};
pub use token::{Claims, Tokens};
pub use totp::TotpSecret;
