//! Passwords: Argon2id, a few at once.

use std::sync::LazyLock;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// The least length of a password, in characters. 13 or more need no forced change
/// (安全管理ガイドライン 6.0, Q&A).
pub const MIN_LENGTH: usize = 13;
/// The greatest length, so that a password of megabytes costs nobody anything.
pub const MAX_LENGTH: usize = 256;

/// Each check takes 19 MiB and a core: as many at once as there are cores, the others wait.
static PLACES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));

/// Checked for names that do not exist, so that they take as long as those that do.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password"));

/// What is stored of `password`, in PHC form.
pub async fn hash(password: String) -> String {
    in_turn(move || hash_now(&password)).await.unwrap_or_default()
}

/// Whether `password` is the one behind `stored`; nobody's is checked where nothing is stored.
pub async fn verify(password: String, stored: Option<String>) -> bool {
    in_turn(move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        let right = PasswordHash::new(&stored).is_ok_and(|hash| {
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        });
        known && right
    })
    .await
    .unwrap_or(false)
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let _place = PLACES.acquire().await.ok()?;
    tokio::task::spawn_blocking(work).await.ok()
}

fn hash_now(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_passes_and_no_other() {
        let stored = hash("correct horse battery".to_owned()).await;
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("correct horse battery".to_owned(), Some(stored.clone())).await);
        assert!(!verify("correct horse batterz".to_owned(), Some(stored)).await);
        assert!(!verify("nobody has this password".to_owned(), None).await);
        assert!(!verify(String::new(), Some(String::new())).await);
    }
}
