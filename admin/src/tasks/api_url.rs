//! API URLs of servers. Pure.

use url::Url;

/// Why a text is no URL of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiUrlError {
    /// Another scheme, or none.
    #[error("Server URL must start with http:// or https://")]
    Scheme,
    /// A space, a control character or one beyond ASCII, which must be written as `%XX` (or `xn--…`).
    #[error("Server URL contains invalid characters")]
    Characters,
    /// The name of the call would become a part of it.
    #[error("Server URL must have neither a query (?) nor a fragment (#)")]
    Query,
    /// Something else.
    #[error("Server URL cannot be used: {0}")]
    Url(#[from] url::ParseError),
}

/// Reads the API URL of a server: with http or https, and a host.
pub(super) fn parse(text: &str) -> Result<Url, ApiUrlError> {
    if !["http://", "https://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Err(ApiUrlError::Scheme);
    }
    if !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(ApiUrlError::Characters);
    }
    let url = Url::parse(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(ApiUrlError::Query);
    }
    Ok(url)
}

/// What is strange about a URL that can be used.
pub(super) fn warning(text: &str) -> Option<String> {
    let usual = text.trim_end_matches('/').ends_with("/api");
    (!usual)
        .then(|| format!("WARNING: Server URL does not end in /api, as those of BigBlueButton do: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strange_ones() {
        for (url, strange) in
            [("http://h/api", false), ("http://h/api/", false), ("http://h/", true), ("http://h/xapi", true)]
        {
            assert_eq!(warning(url).is_some(), strange, "{url}");
        }
    }

    #[test]
    fn only_http_with_a_host() {
        assert_eq!(parse("https://BBB1.example.com/api").unwrap().host_str(), Some("bbb1.example.com"));
        assert!(parse("http://127.0.0.1:8080/bigbluebutton/api").is_ok());
        for bad in [
            "",
            "bbb1",
            "ftp://h/",
            "HTTP",
            "http://",
            "http:// h/",
            "http://h/ ",
            "http://ñ/",
            "http://h:x/",
            "http://h/api?",
            "http://h/api?a=b",
            "http://h/api#a",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
