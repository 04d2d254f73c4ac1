//! Who is calling: passwords, access tokens, logins. Nothing here knows HTTP.

mod password;
mod refresh;
mod session;
mod token;

pub use password::{PASSWORD_MAX, PASSWORD_MIN, PasswordError, Passwords};
pub use refresh::{RefreshToken, RefreshTokens};
pub use session::{CurrentUser, Sessions};
pub use token::{Claims, Tokens};
