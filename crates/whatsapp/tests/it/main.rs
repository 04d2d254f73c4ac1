//! The crate as its user sees it: fixtures written from docs/META.md through the
//! parser, hostile bodies through the whole entrance, and the client against a small server.

#[cfg(test)]
mod batch;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod graph;
#[cfg(test)]
mod graph_requests;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod media;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod server;
#[cfg(test)]
mod statuses;
