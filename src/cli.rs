//! The command line: reads the flags, puts the configuration together, runs one command, and turns
//! what became of it into an exit code. Results go to stdout, everything else to stderr.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::future::Future;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::store::Store;

pub mod config;
pub mod failure;
pub mod progress;

mod admin;
mod alone;
mod completions;
mod doctor;
mod import;
mod logs;
mod migrate;
mod parts;
mod report;
mod seed;
mod serve;
mod slots;

use config::Config;
use failure::{Exit, Failure};

/// Online medical care for a prefecture: booking, video visits and the register of facilities.
#[derive(Debug, Parser)]
#[command(name = "onshin", version, after_help = EXIT_CODES, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Settings: flags win over ONSHIN_… variables (nested: ONSHIN_TURN__MODE), those over the TOML file.
Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 conflict or older data, 5 errors in the input,
6 partly done, 7 a dependency is down, 130 interrupted.";

/// What every command understands.
#[derive(Debug, clap::Args)]
struct Global {
    /// Settings in TOML; else onshin.toml in the working directory, if there is one
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    // Said here because a doc comment would have to put the address in brackets.
    #[arg(
        long,
        value_name = "URL",
        global = true,
        help = "The database: sqlite:PATH or postgres://USER@HOST/NAME"
    )]
    database: Option<String>,
    /// Write results and failures as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve patients, clinics and administrators
    Serve(serve::Args),
    /// Bring the schema of the database up to date
    Migrate,
    /// Read lists into the register
    #[command(subcommand)]
    Import(import::Import),
    /// Write counts
    #[command(subcommand)]
    Report(report::Report),
    /// Fill the database
    #[command(subcommand)]
    Seed(seed::Seed),
    /// Ask about free times
    #[command(subcommand)]
    Slots(slots::Slots),
    /// Administer accounts
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Print the OpenAPI document
    Openapi,
    /// Check the settings, the master key, the clock and the database
    Doctor,
    /// Print the completions for a shell
    Completions(completions::Args),
}

/// What a command is given beside its own arguments.
struct Context {
    config: Config,
    json: bool,
}

/// Runs the command that `args` (with the program's name first) ask for.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    // The parser's own complaints are to come out as JSON too when that was asked for.
    let json = args.iter().any(|arg| arg == "--json");
    // Fails only when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let done = match Cli::try_parse_from(args) {
        Ok(cli) => dispatch(cli),
        Err(error) if !error.use_stderr() => print(&error.to_string()),
        Err(error) if json => Err(Failure::usage(error.to_string().trim_end())),
        Err(error) => {
            // With the colours and the hint that clap gives on a terminal.
            let _ = error.print();
            return Exit::Usage.into();
        }
    };
    match done {
        Ok(()) => Exit::Ok.into(),
        Err(failure) => failure.report(json),
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    // Needs no configuration, and must work beside a broken one.
    if let Command::Completions(args) = cli.command {
        return completions::run(&args, &mut Cli::command());
    }
    if let Command::Openapi = cli.command {
        return print_json(&crate::http::openapi());
    }
    let mut flags = vec![("database", cli.global.database)];
    if let Command::Serve(args) = &cli.command {
        flags.extend(args.settings());
    }
    let config = configure(cli.global.config.as_deref(), flags)?;
    logs::start(&config.log);
    let context = Context { config, json: cli.global.json };
    match cli.command {
        Command::Serve(_) => runtime()?.block_on(serve::run(&context)),
        Command::Migrate => wait_for(migrate::run(&context)),
        Command::Import(import) => wait_for(import::run(&context, &import)),
        Command::Report(report) => wait_for(report::run(&context, &report)),
        Command::Seed(seed) => wait_for(seed::run(&context, &seed)),
        Command::Slots(slots) => wait_for(slots::run(&context, &slots)),
        Command::Admin(admin) => wait_for(admin::run(&context, &admin)),
        Command::Doctor => wait_for(doctor::run(&context)),
        Command::Openapi | Command::Completions(_) => Ok(()),
    }
}

/// The configuration under the flags that were given.
fn configure(
    file: Option<&Path>,
    flags: Vec<(&'static str, Option<String>)>,
) -> Result<Config, Failure> {
    let given: Vec<_> =
        flags.into_iter().filter_map(|(key, text)| text.map(|text| (key, text))).collect();
    // A variable that is no text cannot be one of ours.
    let env = std::env::vars_os()
        .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)));
    Ok(Config::load(file, Path::new("."), env, &given)?)
}

/// Runs a command to its end, or until Ctrl-C.
fn wait_for(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    runtime()?.block_on(async {
        tokio::select! {
            done = work => done,
            _ = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
        }
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Opens the database of the configuration with its schema as it is; makes the folder of a SQLite
/// file that is not there yet.
async fn connect(config: &Config) -> Result<Store, Failure> {
    if let Some(path) = config.sqlite_path() {
        make_folder_of(&path)?;
        // SQLite would make a file that everybody can read; its log and index take this one's mode.
        if !path.exists() {
            OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path)?;
        }
    }
    Ok(Store::connect(config.database()).await?)
}

/// Makes the folder in which a file is to be.
fn make_folder_of(path: &Path) -> Result<(), Failure> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    Ok(())
}

/// Writes a result to stdout. That nobody reads on (`onshin … | head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes a result to stdout as one JSON object.
fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::unexpected)?;
    print(&format!("{text}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_declared_without_contradiction() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_flags_may_stand_behind_the_command() {
        let cli = Cli::try_parse_from(["onshin", "doctor", "--json", "--config", "a.toml"]);
        let global = cli.unwrap().global;
        assert!(global.json);
        assert_eq!(global.config.as_deref(), Some(Path::new("a.toml")));
    }
}
