//! Style, script and icon: part of the binary, with their hash in their name, so that browsers keep them.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

use super::PATH;
use super::refused::Refused;

pub(super) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("style", "css", "text/css; charset=utf-8", include_bytes!("assets/dashboard.css"))
});
pub(super) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("script", "js", "text/javascript; charset=utf-8", include_bytes!("assets/dashboard.js"))
});
pub(super) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_bytes!("assets/icon.svg")));

/// A file that never changes under its name.
pub(super) struct Asset {
    hash: String,
    path: String,
    content_type: &'static str,
    body: &'static [u8],
}

impl Asset {
    fn new(name: &str, ending: &str, content_type: &'static str, body: &'static [u8]) -> Self {
        let mut hash = hex::encode(Sha256::digest(body));
        hash.truncate(16);
        let path = format!("{PATH}/assets/{name}-{hash}.{ending}");
        Self { hash, path, content_type, body }
    }

    /// Its path, for pages.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

/// Gives one.
pub(super) async fn give(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Refused> {
    let all = [&STYLE, &SCRIPT, &ICON];
    let asset = all.into_iter().find(|asset| asset.path.rsplit('/').next() == Some(name.as_str()));
    let asset = asset.ok_or(Refused::NotFound)?;
    let tag = format!("\"{}\"", asset.hash);
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"));
    Ok(if known { answer.finish() } else { answer.content_type(asset.content_type).body(asset.body) })
}
