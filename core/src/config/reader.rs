//! Typed access to the variables: a wrong value is noted and the default stands in, so that one pass finds
//! every mistake.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::error::Problem;
use super::variables::{Group, Kind, VARIABLES};

/// Values of the environment by name: `None` for a variable that is not set.
pub type Source<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// No configured time is longer than this: a year.
const LONGEST_SECONDS: f64 = 365.0 * 24.0 * 60.0 * 60.0;
/// More of a wrong value is not shown.
const SHOWN_CHARS: usize = 80;
/// Other words that plainly mean no.
const FALSY: [&str; 3] = ["0", "no", "off"];

pub(super) struct Reader<'a> {
    source: &'a Source<'a>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source<'a>) -> Self {
        Self { source, problems: Vec::new(), warnings: Vec::new() }
    }

    /// The value as it is, also an empty one.
    pub(super) fn raw(&self, name: &str) -> Option<String> {
        (self.source)(name)
    }

    /// The trimmed value; an empty one counts as not set.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// A directory or file, made absolute.
    pub(super) fn path(&self, name: &str, default: &str) -> PathBuf {
        absolute(self.text(name).map_or_else(|| PathBuf::from(default), PathBuf::from))
    }

    /// The items of a list, trimmed and without empty ones.
    pub(super) fn list(&self, name: &str, separator: char) -> Vec<String> {
        let value = self.text(name).unwrap_or_default();
        value.split(separator).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// `true` in any case is true, as in the original; anything else is false.
    pub(super) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        let Some(value) = self.text(name) else { return default };
        if value.eq_ignore_ascii_case("true") {
            return true;
        }
        if !value.eq_ignore_ascii_case("false") && !is_falsy(&value) {
            let shown = one_line(&value);
            self.warn(format!("{name}={shown} counts as false: only the word \"true\" switches it on"));
        }
        false
    }

    /// A flag that the original switched on for *any* value. To guess would put data in the wrong place, so
    /// a word that is neither yes nor no is refused.
    pub(super) fn flag_once_set(&mut self, name: &'static str) -> bool {
        let Some(value) = self.text(name) else { return false };
        if value.eq_ignore_ascii_case("true") {
            return true;
        }
        if value.eq_ignore_ascii_case("false") || is_falsy(&value) {
            let shown = one_line(&value);
            self.warn(format!("{name}={shown} counts as false here; the original took any value for true"));
        } else {
            self.problem(name, "expected true or false");
        }
        false
    }

    /// A whole number in the range; `unit` completes "a whole number of …" where there is one.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        default: u32,
        range: RangeInclusive<u32>,
        unit: &str,
    ) -> u32 {
        let Some(value) = self.text(name) else { return default };
        match value.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                let of = if unit.is_empty() { String::new() } else { format!(" of {unit}") };
                let limits = match (*range.start(), *range.end()) {
                    (0, u32::MAX) => String::new(),
                    (least, u32::MAX) => format!(", at least {least}"),
                    (least, most) => format!(", {least} to {most}"),
                };
                self.problem(name, format!("expected a whole number{of}{limits}"));
                default
            }
        }
    }

    /// A whole number that sizes something in memory, so `usize`.
    pub(super) fn size(
        &mut self,
        name: &'static str,
        default: u32,
        range: RangeInclusive<u32>,
        unit: &str,
    ) -> usize {
        usize::try_from(self.number(name, default, range, unit)).unwrap_or(usize::MAX)
    }

    /// A whole number that may be large, at least `least`.
    pub(super) fn large(&mut self, name: &'static str, default: u64, least: u64, unit: &str) -> u64 {
        let Some(value) = self.text(name) else { return default };
        match value.parse() {
            Ok(number) if number >= least => number,
            _ => {
                self.problem(name, format!("expected a whole number of {unit}, at least {least}"));
                default
            }
        }
    }

    /// A whole number of minutes.
    pub(super) fn minutes(&mut self, name: &'static str, default: u32, least: u32) -> Duration {
        Duration::from_secs(60 * u64::from(self.number(name, default, least..=u32::MAX, "minutes")))
    }

    /// A number of seconds, fractions allowed, at least `least` and more than zero.
    pub(super) fn seconds(&mut self, name: &'static str, default: Duration, least: Duration) -> Duration {
        let Some(value) = self.text(name) else { return default };
        let expected = match value.parse::<f64>() {
            Ok(seconds) if seconds > LONGEST_SECONDS => format!("expected at most {LONGEST_SECONDS} seconds"),
            Ok(seconds) if seconds > 0.0 => match Duration::try_from_secs_f64(seconds) {
                Ok(duration) if duration >= least && !duration.is_zero() => return duration,
                _ => format!("expected at least {} seconds", least.as_secs_f64()),
            },
            _ => "expected a positive number of seconds".to_owned(),
        };
        self.problem(name, expected);
        default
    }

    pub(super) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// Notes that a variable's value cannot be used, and shows the value unless it may hold a secret.
    pub(super) fn problem(&mut self, name: &'static str, expected: impl Into<String>) {
        let value = self.text(name).filter(|value| may_show(name, value)).map(|value| one_line(&value));
        self.problems.push(Problem { variable: name, value, expected: expected.into() });
    }

    /// One warning for each variable that is set for the original only.
    pub(super) fn warn_of_ignored(&mut self) {
        for variable in VARIABLES.iter().filter(|variable| variable.group == Group::Ignored) {
            if self.text(variable.name).is_some() {
                self.warn(format!("{} is ignored: {}", variable.name, variable.description));
            }
        }
    }
}

fn is_falsy(value: &str) -> bool {
    FALSY.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// A value of a secret variable is never shown, nor are pairs (there is a `moderatorPW`), nor a URL that
/// carries a user's password by mistake.
fn may_show(name: &str, value: &str) -> bool {
    let known = VARIABLES.iter().find(|variable| variable.name == name);
    let plain = known.is_some_and(|variable| !variable.kind.is_secret() && variable.kind != Kind::Pairs);
    plain && !(value.contains("://") && value.contains('@'))
}

/// The value without line breaks and other control characters, shortened.
pub(super) fn one_line(value: &str) -> String {
    let mut shown: String =
        value.chars().take(SHOWN_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if value.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

/// The path from the root; as given where the working directory is gone.
pub(super) fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}
