//! The calling user's own profile. Logins and passwords are of `auth`.

mod avatar;
mod preferences;
mod profile;

pub(crate) use avatar::{remove_avatar, replace_avatar, show_avatar};
pub(crate) use preferences::Preferences;
pub(crate) use profile::{show_profile, update_profile};
