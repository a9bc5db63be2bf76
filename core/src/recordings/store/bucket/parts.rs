//! Large contents, cut into parts.

use std::path::Path;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::path::Path as Key;
use object_store::{Attributes, MultipartUpload, ObjectStore, PutMultipartOptions, PutOptions};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::{Bucket, refused};
use crate::recordings::store::{StoreError, failed};

/// The least that S3 allows. What fits into one is no upload in parts.
const PART: u64 = 5 * 1024 * 1024;
/// The most parts that S3 allows.
const MOST_PARTS: u64 = 10_000;

/// How large the parts of an object of that size are.
pub(super) fn part_size(size: u64) -> u64 {
    PART.max(size.div_ceil(MOST_PARTS))
}

/// A file, part by part.
pub(super) async fn of_file(
    path: &Path,
    size: u64,
) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
    let file = File::open(path).await.map_err(failed("open", path))?;
    let (part, path) = (part_size(size), path.to_owned());
    Ok(Box::pin(stream::try_unfold(file, move |mut file| {
        let path = path.clone();
        async move {
            let mut bytes = Vec::with_capacity(usize::try_from(part.min(size)).unwrap_or_default());
            (&mut file).take(part).read_to_end(&mut bytes).await.map_err(failed("read", &path))?;
            Ok((!bytes.is_empty()).then(|| (Bytes::from(bytes), file)))
        }
    })))
}

/// An object's content, as it comes, in parts of the size that is best for it.
pub(super) fn of_stream(
    content: BoxStream<'static, object_store::Result<Bytes>>,
    key: &Key,
    size: u64,
) -> BoxStream<'static, Result<Bytes, StoreError>> {
    let (content, part) = (content.map_err(refused("read", key)), part_size(size));
    let state = (content, BytesMut::new());
    Box::pin(stream::try_unfold(state, move |(mut content, mut rest)| async move {
        let part = usize::try_from(part).unwrap_or(usize::MAX);
        while rest.len() < part {
            match content.try_next().await? {
                Some(bytes) => rest.extend_from_slice(&bytes),
                None => break,
            }
        }
        let next = rest.split_to(part.min(rest.len())).freeze();
        Ok((!next.is_empty()).then_some((next, (content, rest))))
    }))
}

impl Bucket {
    /// Makes an object of parts of one size; only the last one may be smaller.
    pub(super) async fn put(
        &self,
        key: &Key,
        attributes: Attributes,
        mut parts: impl Stream<Item = Result<Bytes, StoreError>> + Unpin + Send,
        size: u64,
    ) -> Result<(), StoreError> {
        if size <= part_size(size) {
            let whole = parts.next().await.transpose()?.unwrap_or_default();
            let options = PutOptions { attributes, ..PutOptions::default() };
            let put = self.s3.put_opts(key, whole.into(), options).await;
            return put.map(drop).map_err(refused("write", key));
        }
        let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
        let begun = self.s3.put_multipart_opts(key, options).await;
        let mut upload = begun.map_err(refused("write", key))?;
        let result = send(upload.as_mut(), parts, key).await;
        if result.is_err()
            && let Err(error) = upload.abort().await
        {
            tracing::debug!(%key, %error, "an upload that failed cannot be taken back");
        }
        result
    }
}

async fn send(
    upload: &mut dyn MultipartUpload,
    mut parts: impl Stream<Item = Result<Bytes, StoreError>> + Unpin + Send,
    key: &Key,
) -> Result<(), StoreError> {
    while let Some(part) = parts.try_next().await? {
        upload.put_part(part.into()).await.map_err(refused("write", key))?;
    }
    upload.complete().await.map(drop).map_err(refused("write", key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_parts_than_allowed() {
        assert_eq!(part_size(0), PART);
        assert_eq!(part_size(PART * MOST_PARTS), PART);
        for size in [PART * MOST_PARTS + 1, 1 << 40, (1 << 42) + 12_345] {
            assert!(size.div_ceil(part_size(size)) <= MOST_PARTS, "{size}");
        }
    }
}
