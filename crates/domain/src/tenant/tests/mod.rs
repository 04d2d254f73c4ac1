//! Opening times and policies: what they mean, how they are written, what is refused.

mod hours;
mod policy;
