pub(crate) mod columns; pub(crate) mod fault; pub(crate) mod link;
