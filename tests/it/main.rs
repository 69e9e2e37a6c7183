//! One binary of tests over the whole.

mod bureau;
