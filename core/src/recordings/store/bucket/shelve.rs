//! A tree moves from one shelf to the other: it is copied, and removed then.

use futures_util::TryStreamExt;
use object_store::path::Path as Key;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};

use super::{AT_ONCE, Bucket, MARK, below, key, parts, refused};
use crate::recordings::store::{Shelved, StoreError};

impl Bucket {
    /// Moves the tree below `from` to `to`, or ends such a move that was cut off.
    pub(super) async fn transfer(&self, from: &Key, to: &Key) -> Result<Shelved, StoreError> {
        if self.is_empty(from).await? {
            let missing = self.is_empty(to).await?;
            return Ok(if missing { Shelved::Missing } else { Shelved::WasThere });
        }
        if self.is_whole(to).await? {
            // Only the removal is left to be done; or it is the rest of an older tree.
            self.clear(from).await?;
            return Ok(Shelved::WasThere);
        }
        self.copy_tree(from, to).await?;
        self.clear(from).await?;
        Ok(Shelved::Moved)
    }

    /// Copies all objects, the mark last.
    async fn copy_tree(&self, from: &Key, to: &Key) -> Result<(), StoreError> {
        let mark = below(from, MARK)?;
        let others = self.s3.list(Some(from)).map_err(refused("list", from));
        let others = others.try_filter(|object| std::future::ready(object.location != mark));
        others.try_for_each_concurrent(AT_ONCE, |object| self.copy(object, from, to)).await?;
        match self.s3.head(&mark).await {
            Ok(object) => self.copy(object, from, to).await,
            // A tree that somebody else has put there.
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(refused("read", &mark)(error)),
        }
    }

    async fn copy(&self, object: ObjectMeta, from: &Key, to: &Key) -> Result<(), StoreError> {
        let source = object.location;
        let name = source.as_ref().strip_prefix(from.as_ref()).unwrap_or_default();
        let target = key(&format!("{to}{name}"))?;
        if object.size <= self.largest_copy {
            return self.s3.copy(&source, &target).await.map_err(refused("copy", &source));
        }
        let _memory = self.reserve(object.size).await;
        let found = self.s3.get(&source).await.map_err(refused("read", &source))?;
        let attributes = found.attributes.clone();
        let content = parts::of_stream(found.into_stream(), &source, object.size);
        self.put(&target, attributes, content, object.size).await
    }
}

#[cfg(test)]
mod tests {
    use object_store::Attribute;
    use scalelite_testbed::moto::Moto;

    use super::super::attributes;
    use super::*;
    use crate::config::S3Config;

    #[tokio::test]
    async fn what_is_too_large_for_one_request_is_copied_by_parts() {
        let Some(moto) = Moto::start() else { return };
        let config = S3Config {
            bucket: Moto::BUCKET.to_owned(),
            region: Some("us-east-1".to_owned()),
            endpoint: Some(moto.url()),
            access_key_id: Some(Moto::KEY_ID.to_owned()),
            secret_access_key: Some(Moto::SECRET.into()),
            session_token: None,
        };
        let mut bucket = Bucket::new(&config, std::path::Path::new("/nowhere")).unwrap();
        bucket.largest_copy = 1024 * 1024;
        let (from, to) = (key("unpublished/video/r").unwrap(), key("published/video/r").unwrap());
        for (name, size) in [("metadata.xml", 100), ("video.webm", 11_000_000), ("notes.pdf", 2_000_000)] {
            let content: Vec<u8> = (0..size).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect();
            let key = below(&from, name).unwrap();
            let content = Box::pin(futures_util::stream::once(async { Ok(content.into()) }));
            let parts = parts::of_stream(content, &key, size);
            bucket.put(&key, attributes::of(name), parts, size).await.unwrap();
        }
        assert_eq!(bucket.transfer(&from, &to).await.unwrap(), Shelved::Moved);
        assert!(bucket.is_empty(&from).await.unwrap());
        let video = bucket.s3.get(&below(&to, "video.webm").unwrap()).await.unwrap();
        assert_eq!(video.attributes.get(&Attribute::ContentType).unwrap().as_ref(), "video/webm");
        let content = video.bytes().await.unwrap();
        assert_eq!(content.len(), 11_000_000);
        assert!((0_usize..).zip(content).all(|(n, byte)| usize::from(byte) == n * 7 % 251));
        let notes = bucket.s3.get(&below(&to, "notes.pdf").unwrap()).await.unwrap();
        assert!(notes.attributes.get(&Attribute::ContentDisposition).is_some());
        assert_eq!(notes.meta.size, 2_000_000);
    }
}
