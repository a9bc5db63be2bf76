//! A staged tree becomes objects.

use std::collections::HashSet;
use std::path::Path;

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::ObjectStore;
use object_store::path::Path as Key;
use tokio::sync::SemaphorePermit;

use super::{AT_ONCE, Bucket, MARK, MEMORY_KIB, attributes, below, parts};
use crate::recordings::store::{StoreError, failed, tree};

/// A small file counts as this many KiB at least.
const LEAST_KIB: u32 = 64;

impl Bucket {
    /// Puts the files of a staged tree below `root`, and removes what else is there.
    pub(super) async fn upload(&self, staged: &Path, root: &Key) -> Result<(), StoreError> {
        let staged = staged.to_owned();
        let dir = staged.clone();
        let files =
            tokio::task::spawn_blocking(move || tree::files(&dir).map_err(failed("read", &dir))).await??;
        let mut wanted = HashSet::with_capacity(files.len());
        for (name, _) in &files {
            wanted.insert(below(root, name)?);
        }
        let (mark, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| name == MARK);
        let staged = staged.as_path();
        for batch in [others, mark] {
            let uploads = stream::iter(batch.into_iter().map(Ok));
            uploads
                .try_for_each_concurrent(AT_ONCE, async |(name, size)| {
                    self.upload_file(&staged.join(&name), below(root, &name)?, size).await
                })
                .await?;
        }
        let old = self.s3.list(Some(root)).map_ok(|object| object.location);
        let old = old.try_filter(move |key| std::future::ready(!wanted.contains(key)));
        self.delete(old.boxed(), root).await
    }

    async fn upload_file(&self, path: &Path, key: Key, size: u64) -> Result<(), StoreError> {
        let _memory = self.reserve(size).await;
        let parts = parts::of_file(path, size).await?;
        self.put(&key, attributes::of(key.as_ref()), parts, size).await
    }

    /// Waits until there is memory for an upload of that size. (None is what a closed semaphore would give; this
    /// one never is.)
    pub(super) async fn reserve(&self, size: u64) -> Option<SemaphorePermit<'_>> {
        let kib = size.min(parts::part_size(size)).div_ceil(1024);
        let kib = u32::try_from(kib).unwrap_or(u32::MAX).clamp(LEAST_KIB, MEMORY_KIB);
        self.memory.acquire_many(kib).await.ok()
    }
}
