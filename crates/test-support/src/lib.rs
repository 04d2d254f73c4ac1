//! .
pub mod database;
