//! The binary: hands over to [`onshin::cli`].

fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
