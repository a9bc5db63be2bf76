//! CloudFront: a viewer is sent to the page there, with cookies that open it.

use std::sync::Arc;

use actix_web::http::header::{LOCATION, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};
use scalelite_core::recordings::cloudfront::{Signer, VALID};
use scalelite_core::recordings::model::Shelf;
use scalelite_core::recordings::store::TreeName;

use crate::host;
use crate::playback::cookie;
use crate::playback::error::PlaybackError;

/// Whether the path is the one of a tree's page. All else is loaded by a page, and where that one is, so is it.
pub(super) fn is_page(path: &str) -> bool {
    matches!(path, "" | "index.html")
}

/// To the page of a tree, which is published.
pub(super) async fn redirect(
    signer: &Arc<Signer>,
    request: &HttpRequest,
    tree: &TreeName,
) -> Result<HttpResponse, PlaybackError> {
    let cookies = tokio::task::spawn_blocking({
        let (signer, tree) = (Arc::clone(signer), tree.clone());
        move || signer.cookies(&tree, Shelf::Published, cookie::now() + VALID.as_secs())
    });
    let cookies = cookies.await??;
    let domain = host::of(request).and_then(|host| signer.cookie_domain(host));
    let domain = domain.map(|domain| format!("; Domain={domain}")).unwrap_or_default();
    let mut response = HttpResponse::TemporaryRedirect();
    response.insert_header((LOCATION, signer.page(tree, Shelf::Published)));
    for (name, value) in cookies {
        let valid = VALID.as_secs();
        let cookie =
            format!("{name}={value}; Path=/; Max-Age={valid}{domain}; Secure; HttpOnly; SameSite=None");
        response.append_header((SET_COOKIE, cookie));
    }
    Ok(response.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_of_the_tree() {
        assert!(is_page("") && is_page("index.html"));
        assert!(!["a/", "a/index.html", "index.htm", "video.webm", "INDEX.html"].into_iter().any(is_page));
    }
}
