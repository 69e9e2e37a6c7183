//! Counts of the register: against a slow reckoning of the same rows, through the front door, as
//! files, and of the real lists.

mod areas;
mod door;
mod english;
mod model;
mod pairs;
mod real;
