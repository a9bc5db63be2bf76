//! Objects are sent to viewers.

use std::ops::Range;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use object_store::path::Path as Key;
use object_store::{Attribute, GetOptions, GetRange, ObjectStore};

use super::{Bucket, below, refused, root};
use crate::recordings::model::Shelf;
use crate::recordings::store::{StoreError, TreeName};

/// The page of a tree, and of any directory in it.
const PAGE: &str = "index.html";

/// What an object is, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// Bytes.
    pub size: u64,
    /// In quotes, as in the header.
    pub etag: Option<String>,
    /// When it was written.
    pub modified: DateTime<Utc>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Disposition`.
    pub disposition: Option<String>,
    key: Key,
}

/// What is read, piece by piece.
pub type Content = BoxStream<'static, Result<Bytes, StoreError>>;

impl Bucket {
    /// Finds a file of a tree by its path, which is not encoded; none, or one with a slash at its end, is the
    /// page there.
    ///
    /// # Errors
    ///
    /// The bucket cannot be asked.
    pub async fn find(
        &self,
        tree: &TreeName,
        shelf: Shelf,
        path: &str,
    ) -> Result<Option<ObjectHead>, StoreError> {
        let page = if path.is_empty() || path.ends_with('/') { PAGE } else { "" };
        // A path with `..` or the like is the name of no object.
        let Ok(key) = below(&root(tree, shelf)?, &format!("{path}{page}")) else { return Ok(None) };
        let found = match self.s3.get_opts(&key, GetOptions::new().with_head(true)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(refused("look for", &key)(error)),
        };
        let attribute = |name| found.attributes.get(&name).map(|value| value.as_ref().to_owned());
        Ok(Some(ObjectHead {
            size: found.meta.size,
            etag: found.meta.e_tag.clone(),
            modified: found.meta.last_modified,
            content_type: attribute(Attribute::ContentType),
            disposition: attribute(Attribute::ContentDisposition),
            key,
        }))
    }

    /// The content of an object that was [found](Self::find), or of a part of it, which is not empty.
    ///
    /// # Errors
    ///
    /// The bucket cannot be asked, or the object is another one by now.
    pub async fn read(&self, object: &ObjectHead, part: Option<Range<u64>>) -> Result<Content, StoreError> {
        let options =
            GetOptions::new().with_if_match(object.etag.clone()).with_range(part.map(GetRange::Bounded));
        let found = self.s3.get_opts(&object.key, options).await.map_err(refused("read", &object.key))?;
        Ok(Box::pin(found.into_stream().map_err(refused("read", &object.key))))
    }
}
