//! Cookies of the dashboard: no script sees them, and no other site sends them.

use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;

use super::PATH;
use crate::host;

/// Of a session.
pub(super) const SESSION: &str = "scalelite_dashboard";
/// Of what the next page tells.
pub(super) const NOTICE: &str = "scalelite_dashboard_notice";

/// `Set-Cookie`, for these seconds; with none of them the cookie goes. The value must be plain.
pub(super) fn set(request: &HttpRequest, name: &str, value: &str, seconds: u64) -> String {
    let secure = if host::origin(request).starts_with("https:") { "; Secure" } else { "" };
    format!("{name}={value}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// The value that a request brings.
pub(super) fn get<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let headers = request.headers().get_all(COOKIE).filter_map(|header| header.to_str().ok());
    let mut pairs =
        headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn set_for_this_site_alone() {
        let plain = TestRequest::get().insert_header(("host", "h")).to_http_request();
        assert_eq!(
            set(&plain, "a", "b", 60),
            "a=b; Path=/scalelite/dashboard; Max-Age=60; HttpOnly; SameSite=Strict"
        );
        let tls = TestRequest::get().insert_header(("x-forwarded-proto", "https")).to_http_request();
        assert!(set(&tls, "a", "b", 60).ends_with("; Secure"));
    }

    #[test]
    fn found_among_others() {
        let request = TestRequest::get().insert_header((COOKIE, "a=1; ab=2;c=3=4")).to_http_request();
        for (name, value) in [("a", Some("1")), ("ab", Some("2")), ("c", Some("3=4")), ("b", None)] {
            assert_eq!(get(&request, name), value);
        }
    }
}
