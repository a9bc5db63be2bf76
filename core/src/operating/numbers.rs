//! Numbers as operators write and read them, which is as Ruby does it.

/// A load multiplier: the number a text begins with, as Ruby's `to_d` finds it: `2`, `0.5 `, `1_000`, `3x`, `.5`. What counts
/// nothing or less (or does not begin with a number) is none.
#[must_use]
pub fn parse_multiplier(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let mut number = String::new();
    let mut chars = text.chars().peekable();
    if let Some(sign) = chars.next_if(|c| matches!(c, '+' | '-')) {
        number.push(sign);
    }
    let mut digits = false;
    let mut point = false;
    while let Some(&c) = chars.peek() {
        match c {
            '0'..='9' => {
                digits = true;
                number.push(c);
            }
            '.' if !point => {
                point = true;
                number.push(c);
            }
            '_' if number.ends_with(|c: char| c.is_ascii_digit()) => {}
            'e' | 'E' if digits => {
                number.push_str(&exponent(chars.skip(1)));
                break;
            }
            _ => break,
        }
        chars.next();
    }
    number.parse().ok().filter(|value: &f64| value.is_finite() && *value > 0.0)
}

fn exponent(rest: impl Iterator<Item = char>) -> String {
    let mut rest = rest.peekable();
    let sign = rest.next_if(|c| matches!(c, '+' | '-'));
    let digits: String = rest.take_while(char::is_ascii_digit).take(4).collect();
    if digits.is_empty() {
        String::new()
    } else {
        format!("e{}{digits}", sign.map_or(String::new(), String::from))
    }
}

/// A number as Ruby prints a decimal: always with a point, never with an exponent.
#[must_use]
pub fn decimal(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.1}") } else { number.to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_ruby_reads() {
        for (text, number) in [
            ("2", 2.0),
            ("2.5", 2.5),
            (" 0.5 ", 0.5),
            ("+3", 3.0),
            ("1_000", 1000.0),
            ("3x", 3.0),
            ("2,5", 2.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e2", 100.0),
            ("1e-1z", 0.1),
            ("1e", 1.0),
            ("1.2.3", 1.2),
        ] {
            assert_eq!(parse_multiplier(text), Some(number), "{text}");
        }
        for none in ["", "x", "0", "0.0", "-2", "NaN", "Infinity", "1e9999", "_1", ".", "e1", "--1"] {
            assert_eq!(parse_multiplier(none), None, "{none}");
        }
    }

    #[test]
    fn decimals_have_a_point() {
        for (number, text) in [
            (1.0, "1.0"),
            (0.5, "0.5"),
            (21.0, "21.0"),
            (2.25, "2.25"),
            (1e18, "1000000000000000000.0"),
            (0.0, "0.0"),
        ] {
            assert_eq!(decimal(number), text);
        }
    }

    proptest! {
        #[test]
        fn numbers_are_read_back(number in 0.001..1e6_f64) {
            prop_assert_eq!(parse_multiplier(&decimal(number)), Some(number));
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = parse_multiplier(&text);
        }
    }
}
