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
    Ok(Url::parse(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
