//! Long lists come in pages. Pure.

use serde::Deserialize;

/// Which part of a list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// From 1.
    pub(super) page: u64,
    pub(super) pages: u64,
    pub(super) total: u64,
    per_page: u64,
}

/// A page as a link names it; what is no number is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) struct Number(pub(super) u64);

impl Default for Number {
    fn default() -> Self {
        Self(1)
    }
}

impl From<String> for Number {
    fn from(text: String) -> Self {
        Self(text.parse().unwrap_or(1).max(1))
    }
}

impl Number {
    /// How many stand before it.
    pub(super) fn offset(self, per_page: u64) -> u64 {
        (self.0 - 1).saturating_mul(per_page)
    }
}

impl Part {
    /// That page of so many, or the last one.
    pub(super) fn of(asked: Number, total: u64, per_page: u64) -> Self {
        let pages = total.div_ceil(per_page).max(1);
        Self { page: asked.0.min(pages), pages, total, per_page }
    }

    /// Places of its first and behind its last, among all.
    pub(super) fn range(self) -> (u64, u64) {
        let first = (self.page - 1) * self.per_page;
        (first, (first + self.per_page).min(self.total))
    }

    /// `1–50 of 234`.
    pub(super) fn told(self) -> String {
        let (first, end) = self.range();
        if self.pages == 1 {
            self.total.to_string()
        } else {
            format!("{}–{end} of {}", first + 1, self.total)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_list() {
        let part = |page, total| Part::of(Number(page), total, 50);
        assert_eq!((part(1, 0).range(), part(1, 0).told().as_str()), ((0, 0), "0"));
        assert_eq!((part(1, 50).range(), part(1, 50).told().as_str()), ((0, 50), "50"));
        assert_eq!((part(2, 51).range(), part(2, 51).told().as_str()), ((50, 51), "51–51 of 51"));
        assert_eq!(part(u64::MAX, 51).page, 2);
        assert_eq!(Number(u64::MAX).offset(50), u64::MAX);
        for (text, page) in [("", 1), ("0", 1), ("-1", 1), ("x", 1), ("7", 7)] {
            assert_eq!(Number::from(text.to_owned()).0, page, "{text}");
        }
    }
}
