//! Secrets that prove something by being known: session cookies, links, tickets.
//!
//! A token is 256 random bits. It is given out once; only its hash is kept.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use sha2::{Digest, Sha256};

/// A secret to give out. Printed only by [`Token::reveal`].
#[derive(Clone)]
pub struct Token(String);

/// What is stored of a token.
#[derive(Clone, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct TokenHash(Vec<u8>);

impl Token {
    /// A new secret.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// A token as somebody presented it; nothing unless it has the form of one.
    pub fn presented(text: &str) -> Option<Self> {
        let whole = URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32);
        whole.then(|| Self(text.to_owned()))
    }

    /// The hash under which it is stored. The token has full entropy, so one round is enough.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).to_vec())
    }

    /// The secret itself, for the one to whom it is given.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token]")
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token hash]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presented_token_has_the_hash_of_the_one_given_out() {
        let token = Token::random();
        assert_eq!(Token::presented(token.reveal()).unwrap().hash(), token.hash());
        assert_ne!(Token::random().hash(), token.hash());
        assert!(Token::presented("short").is_none());
        assert!(Token::presented(&"=".repeat(43)).is_none());
    }
}
