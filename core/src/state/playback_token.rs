//! Tokens that open a protected recording once (CONTRACT §6). They are kept as the original keeps them, so that
//! a link that one of the two has made is opened by the other.

/// Bytes of randomness.
const LENGTH: usize = 32;

/// A new token: 64 hexadecimal digits that nobody can guess.
pub(super) fn generate() -> String {
    hex::encode(rand::random::<[u8; LENGTH]>())
}

/// Whether it may be a token at all: whatever else comes from outside is not even looked up.
pub(super) fn is_well_formed(token: &str) -> bool {
    token.len() == 2 * LENGTH && token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_four_digits() {
        let tokens = [generate(), generate()];
        assert_ne!(tokens[0], tokens[1]);
        assert!(tokens.iter().all(|token| is_well_formed(token)), "{tokens:?}");
        for odd in
            ["", "*", &"a".repeat(63), &"a".repeat(65), &"A".repeat(64), &"g".repeat(64), &"é".repeat(32)]
        {
            assert!(!is_well_formed(odd), "{odd}");
        }
    }
}
