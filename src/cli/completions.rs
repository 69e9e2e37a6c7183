//! `onshin completions SHELL`.

use clap_complete::Shell;

use super::failure::Failure;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

/// Prints what `args.shell` is to source.
pub(super) fn run(args: &Args, command: &mut clap::Command) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "onshin", &mut script);
    super::print(&String::from_utf8_lossy(&script))
}
