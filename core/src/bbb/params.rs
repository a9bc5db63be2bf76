//! Parameters of a call, in their order (CONTRACT §2, §3.10).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The most parameters one request may have.
pub const MAX_PARAMS: usize = 1000;

/// Why a query string or form body cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// A name or value does not decode to UTF-8, or holds a NUL.
    #[error("a parameter is not valid UTF-8 text")]
    Encoding,
    /// More than [`MAX_PARAMS`] parameters.
    #[error("more than {MAX_PARAMS} parameters")]
    TooMany,
}

/// Names and values in the order in which they came; a name stands once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl std::fmt::Debug for Params {
    /// Names only: among the values are passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Params {
    /// Decodes an `application/x-www-form-urlencoded` string. Of a repeated name the last value
    /// wins, at the place of the first.
    pub fn parse(encoded: &str) -> Result<Self, ParamsError> {
        let mut params = Self::default();
        for (number, pair) in encoded.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            // Repeats count as well: each costs a search.
            if number >= MAX_PARAMS {
                return Err(ParamsError::TooMany);
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            params.push(&decode(name)?, decode(value)?)?;
        }
        Ok(params)
    }

    /// Adds a parameter of a request, replacing an earlier value of the name.
    pub fn push<'v>(&mut self, name: &str, value: impl Into<Cow<'v, str>>) -> Result<(), ParamsError> {
        let value = value.into();
        if name.contains('\0') || value.contains('\0') {
            return Err(ParamsError::Encoding);
        }
        if self.0.len() >= MAX_PARAMS {
            return Err(ParamsError::TooMany);
        }
        self.set(name, value);
        Ok(())
    }

    /// Adds those parameters of `other` whose names are not here yet.
    pub fn merge_missing(&mut self, other: Self) {
        for (name, value) in other.0 {
            self.set_default(&name, value);
        }
    }

    /// The value of a parameter, if it was given.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The value of a parameter, if it was given and is not empty.
    #[must_use]
    pub fn present(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Sets a parameter, in its place if it is there, else at the end.
    pub fn set<'v>(&mut self, name: &str, value: impl Into<Cow<'v, str>>) {
        let value = value.into().into_owned();
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some(pair) => pair.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Sets a parameter unless it is there already.
    pub fn set_default<'v>(&mut self, name: &str, value: impl Into<Cow<'v, str>>) {
        if self.get(name).is_none() {
            self.0.push((name.to_owned(), value.into().into_owned()));
        }
    }

    /// Takes a parameter out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| n != name);
    }

    /// Takes out all parameters of that name in any case.
    pub fn remove_in_any_case(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// The pairs in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The encoded query string.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::with_capacity(self.0.len() * 24));
        for (name, value) in &self.0 {
            query.append_pair(name, value);
        }
        query.finish()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Params {
    fn from(pairs: [(&str, &str); N]) -> Self {
        let mut params = Self::default();
        for (name, value) in pairs {
            params.set(name, value);
        }
        params
    }
}

fn decode(text: &str) -> Result<Cow<'_, str>, ParamsError> {
    if !text.contains(['+', '%']) {
        return Ok(Cow::Borrowed(text));
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| ParamsError::Encoding)?;
    Ok(Cow::Owned(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_the_order_and_the_last_value() {
        let params = Params::parse("b=1&a=2&b=3&c&=x").unwrap();
        assert_eq!(params.iter().collect::<Vec<_>>(), [("b", "3"), ("a", "2"), ("c", ""), ("", "x")]);
    }

    #[test]
    fn encodes_brackets_spaces_and_unicode() {
        let params = Params::parse("a%5B0%5D=x+y&n=%C3%B1&t=~*").unwrap();
        assert_eq!(params.get("a[0]"), Some("x y"));
        assert_eq!(params.encode(), "a%5B0%5D=x+y&n=%C3%B1&t=%7E*");
    }

    #[test]
    fn refuses_what_is_no_text() {
        assert_eq!(Params::parse("a=%ff"), Err(ParamsError::Encoding));
        assert_eq!(Params::parse("a=%00"), Err(ParamsError::Encoding));
        let many = (0..=MAX_PARAMS).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(Params::parse(&many), Err(ParamsError::TooMany));
    }

    proptest! {
        #[test]
        fn encoding_and_parsing_are_inverse(pairs in proptest::collection::vec((".{1,8}", ".{0,8}"), 0..20)) {
            let mut params = Params::default();
            for (name, value) in &pairs {
                if !name.contains('\0') && !value.contains('\0') {
                    params.set(name, value.as_str());
                }
            }
            prop_assert_eq!(Params::parse(&params.encode()).unwrap(), params);
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = Params::parse(&text);
        }
    }
}
