//! Single files of a tree in the bucket, read and written as a whole.

use bytes::Bytes;
use futures_util::stream;
use object_store::ObjectStoreExt;

use super::{Bucket, attributes, below, parts, refused, root};
use crate::recordings::model::Shelf;
use crate::recordings::store::{StoreError, TreeName};

impl Bucket {
    /// The content of a file. None: there is none, or it is larger than `limit` bytes.
    pub(in super::super) async fn read_file(
        &self,
        tree: &TreeName,
        shelf: Shelf,
        name: &str,
        limit: u64,
    ) -> Result<Option<Bytes>, StoreError> {
        let key = below(&root(tree, shelf)?, name)?;
        match self.s3.get(&key).await {
            Ok(found) if found.meta.size > limit => Ok(None),
            Ok(found) => found.bytes().await.map(Some).map_err(refused("read", &key)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(refused("read", &key)(error)),
        }
    }

    /// Puts a file into a tree, in place of any of that name.
    pub(in super::super) async fn put_file(
        &self,
        tree: &TreeName,
        shelf: Shelf,
        name: &str,
        content: Bytes,
    ) -> Result<(), StoreError> {
        let key = below(&root(tree, shelf)?, name)?;
        let size = content.len() as u64;
        let _memory = self.reserve(size).await;
        let content = Box::pin(stream::once(async { Ok(content) }));
        self.put(&key, attributes::of(name), parts::of_stream(content, &key, size), size).await
    }
}
