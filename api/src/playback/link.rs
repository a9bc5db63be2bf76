//! A link that `getRecordings` has given: it leads to the page of a format. The link to a protected recording works
//! once, and leaves a cookie that opens the files.

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, web};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use scalelite_core::bbb::params::Params;
use scalelite_core::recordings::store::TreeName;

use super::error::PlaybackError;
use super::{cookie, place, playable};
use crate::app::App;

/// What has no place in a header. The URL is encoded already.
const ODD: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\');

/// `/recording/<record id>/<format>`: a redirect to the page.
pub(crate) async fn follow(request: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, PlaybackError> {
    let tree = place::parse_link(request.uri().path()).ok_or(PlaybackError::NotFound)?;
    let playback = playable(&app, &request, &tree).await?;
    let page = playback.url.as_deref().and_then(on_this_host).ok_or(PlaybackError::NotFound)?;
    let mut redirect = HttpResponse::TemporaryRedirect();
    redirect.insert_header((LOCATION, page)).insert_header((CACHE_CONTROL, "no-store"));
    // Whoever only asks what would be answered does not use the link up.
    if playback.protected && request.method() == Method::HEAD {
        may_unlock(&request)?;
    } else if playback.protected {
        redirect.insert_header((SET_COOKIE, unlock(&app, &request, &tree).await?));
    }
    Ok(redirect.finish())
}

/// The request's token. Whether it opens anything is not looked at.
fn may_unlock(request: &HttpRequest) -> Result<String, PlaybackError> {
    let params = Params::parse(request.query_string()).map_err(|_| PlaybackError::NotFound)?;
    params.get("token").map(str::to_owned).ok_or(PlaybackError::NotFound)
}

/// Uses the request's token up; the cookie for it.
async fn unlock(app: &App, request: &HttpRequest, tree: &TreeName) -> Result<String, PlaybackError> {
    let token = may_unlock(request)?;
    let key = app.config.secrets.key_base.as_ref().ok_or(PlaybackError::NotFound)?;
    if !app.state.use_playback_token(&token, tree.record_id(), tree.format()).await? {
        return Err(PlaybackError::NotFound);
    }
    Ok(cookie::set(tree, key, app.config.recordings.cookie_timeout)?)
}

/// The stored path and query as a redirect's target. It comes from a server's `metadata.xml` and must not lead to
/// another host, which two slashes at its beginning would do.
fn on_this_host(url: &str) -> Option<String> {
    let path = url.strip_prefix('/')?.trim_start_matches(['/', '\\']);
    Some(format!("/{}", utf8_percent_encode(path, ODD)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_on_this_host() {
        for (stored, page) in [
            ("/playback/presentation/2.3/r-1?a=b%20c&d", Some("/playback/presentation/2.3/r-1?a=b%20c&d")),
            ("/video/r-1/", Some("/video/r-1/")),
            ("//evil.example.com/x", Some("/evil.example.com/x")),
            ("/\\/evil.example.com", Some("/evil.example.com")),
            ("/a\\b\r\nSet-Cookie: c ñ", Some("/a%5Cb%0D%0ASet-Cookie:%20c%20%C3%B1")),
            ("https://evil.example.com/", None),
            ("javascript:alert(1)", None),
            ("", None),
        ] {
            assert_eq!(on_this_host(stored).as_deref(), page, "{stored}");
        }
    }
}
