mod hours;
mod policy;
