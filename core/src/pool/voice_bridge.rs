//! The telephone number of a meeting, derived from its ID (CONTRACT §5).

use rand_mt::Mt;
use sha2::{Digest, Sha256};

/// BigBlueButton's own default number, which must never be given out.
const RESERVED: &str = "99999";

/// How many numbers are tried before giving up.
const TRIES: usize = 10;

/// The numbers to try for a meeting, in their order: the one the request asked for (where that is
/// allowed and it is a number), then those drawn from the meeting's own generator of `length` digits.
#[must_use]
pub fn candidates(meeting_id: &str, length: u32, requested: Option<&str>) -> Vec<String> {
    let requested =
        requested.filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    let mut generator = Generator::of(meeting_id);
    requested
        .map(str::to_owned)
        .into_iter()
        .chain(std::iter::repeat_with(move || generator.number(length)))
        .take(TRIES)
        .filter(|number| number != RESERVED)
        .collect()
}

/// Ruby's `Random`, seeded by the meeting's ID.
struct Generator(Mt);

impl Generator {
    fn of(meeting_id: &str) -> Self {
        let hash = Sha256::digest(meeting_id.as_bytes());
        // The integer `a << 64 | b` of two little-endian words, as 32-bit words, least significant first.
        let word = |at: usize| u32::from_le_bytes([hash[at], hash[at + 1], hash[at + 2], hash[at + 3]]);
        Self(seeded(&[word(8), word(12), word(0), word(4)]))
    }

    fn number(&mut self, length: u32) -> String {
        let mut digits = String::with_capacity(length as usize);
        digits.push(self.digit(1));
        for _ in 1..length {
            digits.push(self.digit(0));
        }
        digits
    }

    /// `rand(lowest..9)`: as many bits as the range needs, drawn again while above it.
    fn digit(&mut self, lowest: u32) -> char {
        let limit = 9 - lowest;
        loop {
            let drawn = self.0.next_u32() & 0b1111;
            if drawn <= limit {
                return char::from_digit(drawn + lowest, 10).unwrap_or('0');
            }
        }
    }
}

/// Ruby's seeding: an integer has no leading zero words, a most significant word of 1 is dropped, and
/// a single word seeds by itself.
fn seeded(words: &[u32; 4]) -> Mt {
    let mut length = words.iter().rposition(|&word| word != 0).map_or(1, |last| last + 1);
    if length > 1 && words[length - 1] == 1 {
        length -= 1;
    }
    match &words[..length] {
        [single] => Mt::new(*single),
        key => Mt::new_with_key(key.iter().copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_what_ruby_draws() {
        for (meeting_id, first, second) in [
            ("Demo Meeting", "953452953", "855719023"),
            ("random-6071372", "814461265", "306162360"),
            ("Prueba 2 ñ", "433879827", "612397867"),
        ] {
            assert_eq!(candidates(meeting_id, 9, None)[..2], [first, second]);
        }
    }

    #[test]
    fn a_requested_number_comes_first_if_it_is_one() {
        let numbers = candidates("Demo Meeting", 9, Some("70001"));
        assert_eq!(numbers[..2], ["70001", "953452953"]);
        assert_eq!(numbers.len(), 10);
        assert_eq!(candidates("Demo Meeting", 9, Some("7x"))[0], "953452953");
        assert_eq!(candidates("Demo Meeting", 9, Some("99999")).len(), 9);
    }

    #[test]
    fn has_the_length_asked_for() {
        assert!(candidates("x", 5, None).iter().all(|n| n.len() == 5 && !n.starts_with('0')));
    }
}
