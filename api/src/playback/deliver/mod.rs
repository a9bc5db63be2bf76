//! How files get to a viewer: through nginx, from this machine's disk, from a bucket, or from CloudFront.

use std::path::PathBuf;
use std::sync::Arc;

use actix_web::http::header::HeaderName;
use actix_web::{HttpRequest, HttpResponse};
use scalelite_core::config::RecordingsConfig;
use scalelite_core::recordings::cloudfront::{KeyError, Signer};
use scalelite_core::recordings::store::{Bucket, Store};

use super::error::PlaybackError;
use super::place::Place;

mod cdn;
mod disk;
mod object;

/// Tells nginx which file to send instead of the answer.
const X_ACCEL_REDIRECT: HeaderName = HeaderName::from_static("x-accel-redirect");

/// The way that the configuration names.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// Where viewers are sent for a page, if anywhere.
    cdn: Option<Arc<Signer>>,
    files: Files,
}

/// Who sends files.
#[derive(Debug)]
enum Files {
    /// nginx, from the directory that it knows as `/static-resource`.
    Nginx,
    /// We, from `RECORDING_PUBLISH_DIR`.
    Disk(Arc<PathBuf>),
    /// We, from the bucket.
    Bucket(Bucket),
}

impl Delivery {
    /// # Errors
    ///
    /// The key of CloudFront cannot be read.
    pub(crate) fn new(config: &RecordingsConfig, store: &Store) -> Result<Self, KeyError> {
        let files = match store.bucket() {
            Some(bucket) => Files::Bucket(bucket.clone()),
            None if config.serve => Files::Disk(Arc::new(config.publish_dir.clone())),
            None => Files::Nginx,
        };
        let cdn = config.cloudfront.as_ref().map(Signer::new).transpose()?.map(Arc::new);
        Ok(Self { cdn, files })
    }

    /// The answer to a viewer who may see the place, which is at `path` in its tree.
    pub(super) async fn answer(
        &self,
        request: &HttpRequest,
        place: &Place,
        path: &str,
    ) -> Result<HttpResponse, PlaybackError> {
        if let Some(signer) = &self.cdn
            && cdn::is_page(path)
        {
            return cdn::redirect(signer, request, &place.tree).await;
        }
        match &self.files {
            Files::Nginx => Ok(HttpResponse::Ok()
                .insert_header((X_ACCEL_REDIRECT, format!("/static-resource{}", place.encoded())))
                .finish()),
            Files::Disk(root) => disk::answer(root, request, place, path).await,
            Files::Bucket(bucket) => object::answer(bucket, request, place, path).await,
        }
    }
}
