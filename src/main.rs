//! The binary: hands over to [`onshin::cli`].

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    onshin::cli::run(std::env::args_os())
}
