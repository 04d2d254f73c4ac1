//! Storage against a real PostgreSQL. Every test has a database of its own, a copy of the
//! migrated template; `PAPO_TEST_DATABASE_URL` names the cluster.

#![cfg(test)]

mod bench;
mod claims;
mod commits;
mod fencing;
mod followers;
mod idempotency;
mod inbox;
mod isolation;
mod jobs;
mod lists;
mod loading;
mod maintenance;
mod media;
mod migrations;
mod outages;
mod peers;
mod people;
mod permutations;
mod poison;
mod proxy;
mod races;
mod rebuilds;
mod roles;
mod schema;
mod search;
mod sends;
mod settings;
mod sight;
mod slots;
mod statuses;
mod stream;
mod tabs;
mod templates;
mod unheard;
mod wakes;
mod words;
