//! The binary: hands over to [`onshin::cli`].

fn main() -> std::process::ExitCode {
    onshin::cli::run(std::env::args_os())
}
