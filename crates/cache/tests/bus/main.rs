//! The bus as its users see it: one contract for every implementation, and what only Redis can
//! do: go away, fall silent, come back.

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod hearing;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod proxy;
