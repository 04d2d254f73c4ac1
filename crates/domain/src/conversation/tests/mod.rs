mod events;
mod snapshots;
