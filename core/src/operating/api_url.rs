//! API URLs of servers, and the IDs that come of them. Pure but for the chance in a UUID.

use url::Url;
use uuid::Uuid;

use crate::pool::server::ServerId;

/// Why a text is no URL of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiUrlError {
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
///
/// # Errors
///
/// It is none, or none that calls could be made to.
pub fn parse(text: &str) -> Result<Url, ApiUrlError> {
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

/// The ID that a new server gets: a UUID, or its host name (`SERVER_ID_IS_HOSTNAME`).
#[must_use]
pub fn new_id(url: &Url, id_is_hostname: bool) -> ServerId {
    match url.host_str() {
        Some(host) if id_is_hostname => host.to_ascii_lowercase().into(),
        _ => Uuid::new_v4().to_string().into(),
    }
}

/// What is strange about a URL that can be used.
#[must_use]
pub fn warning(text: &str) -> Option<String> {
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
