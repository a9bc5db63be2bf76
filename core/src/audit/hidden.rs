//! What a change does not tell. Pure.

/// Whether the value of a parameter of `create` or `join` is better not shown: passwords and the like.
#[must_use]
pub fn is_secret(param: &str) -> bool {
    let param = param.to_ascii_lowercase();
    param.ends_with("pw") || ["pass", "secret", "token", "key"].iter().any(|word| param.contains(word))
}

/// A URL without user, password and query.
#[must_use]
pub fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or((None, url), |(scheme, rest)| (Some(scheme), rest));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    scheme.map_or_else(|| format!("{host}{path}"), |scheme| format!("{scheme}://{host}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lose_what_may_be_secret() {
        for (url, shown) in [
            ("https://u:p@h:1/api", "https://h:1/api"),
            ("http://h/a@b?c@d", "http://h/a@b"),
            ("u:p@h", "h"),
            ("", ""),
        ] {
            assert_eq!(without_user(url), shown);
        }
    }

    #[test]
    fn passwords_are_secret() {
        for param in ["moderatorPW", "attendeePW", "meta_secret-lrs-payload", "apiKey"] {
            assert!(is_secret(param), "{param}");
        }
        for param in ["logo", "limit:maxMeetings", "welcome"] {
            assert!(!is_secret(param), "{param}");
        }
    }
}
