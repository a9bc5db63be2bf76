//! The parameters of a call, read in place from the query string and a form body.

use std::borrow::Cow;

/// Decodes on demand: most calls need one or two parameters, and most values need no decoding.
pub(crate) struct Params<'a> {
    query: &'a str,
    form: &'a [u8],
}

impl<'a> Params<'a> {
    pub(crate) fn new(query: &'a str, form: &'a [u8]) -> Self {
        Self { query, form }
    }

    /// All pairs, the query's before the form's.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> + use<'a> {
        form_urlencoded::parse(self.query.as_bytes()).chain(form_urlencoded::parse(self.form))
    }

    /// The first value of that name, the query's before the form's; an empty value counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.pairs().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// Whether the parameter is given as `true`, in any case.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The parameter as a number, if it is one.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.trim().parse().ok()
    }
}
