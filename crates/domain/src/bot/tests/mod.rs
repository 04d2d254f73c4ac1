mod check;
mod show;
mod words;
