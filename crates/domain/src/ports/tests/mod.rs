//! The parts of the ports that compute something.

mod statuses;
