//! Values that clients write in more than one way.

use scalelite_core::operating::numbers::parse_multiplier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A load multiplier: a number, or one as a text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "load_multiplier is neither a number nor a text")]
pub(super) enum LoadMultiplier {
    Number(#[schemars(range(min = 0.0))] f64),
    Text(#[schemars(regex(pattern = r"^ *(\+?[0-9]+(\.[0-9]+)?)?$"))] String),
}

impl LoadMultiplier {
    /// What it counts, if it is more than nothing.
    pub(super) fn read(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number).filter(|number| *number > 0.0),
            Self::Text(text) => parse_multiplier(text),
        }
    }

    /// Whether it says nothing.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }

    /// Whether it is 0.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Self::Number(number) => *number == 0.0,
            Self::Text(text) => text.trim().parse() == Ok(0.0),
        }
    }
}

/// Yes or no, also as a text.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "neither true nor false")]
pub(super) enum Flag {
    Bool(bool),
    Text(Word),
}

/// Yes or no as a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum Word {
    True,
    False,
}

impl From<Flag> for bool {
    fn from(flag: Flag) -> Self {
        match flag {
            Flag::Bool(yes) => yes,
            Flag::Text(word) => word == Word::True,
        }
    }
}

/// What is told of a change that has nothing else to tell.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Success {
    pub(super) success: String,
}

/// What a text must hold to be [`given`], as a pattern.
pub(super) const NOT_BLANK: &str = r"[^\s\u0085]";

/// A text that says something.
pub(super) fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.trim().is_empty())
}
