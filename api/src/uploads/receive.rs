//! From a client to the disk, in constant memory: what comes is written in blocks, on threads that may wait.

use std::time::Duration;

use actix_web::dev::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::disk::{DiskError, Upload};
use super::refusal::Refusal;

/// What is written at once.
const BLOCK: usize = 1 << 20;
/// A body that stands still for longer is taken to be cut off.
const STILL: Duration = Duration::from_secs(30);

/// What was received by one request.
pub(super) enum Received {
    /// The upload is at that offset now.
    Part(u64),
    /// All is there. What is left to do is to check it and to put it into the spool.
    All(Box<Whole>),
}

/// An upload of which all is there.
pub(super) struct Whole {
    upload: Upload,
    hash: Option<Sha256>,
}

impl Whole {
    /// Checks it and puts it into the spool. Blocking.
    pub(super) fn finish(self, stop: &CancellationToken) -> Result<(), DiskError> {
        self.upload.finish(self.hash, stop)
    }
}

/// An upload with what is needed to go on with it.
struct Writer {
    upload: Upload,
    offset: u64,
    /// Of all there is, if all of it came through here.
    hash: Option<Sha256>,
}

/// Appends a body to an upload that is at `offset`. What has come of a body that breaks off is kept; of one that is too
/// long, nothing.
pub(super) async fn receive(
    upload: Upload,
    offset: u64,
    payload: &mut Payload,
    shutdown: &CancellationToken,
) -> Result<Received, Refusal> {
    let (began, length) = (offset, upload.length());
    let mut writer = Writer { upload, offset, hash: (offset == 0).then(Sha256::new) };
    let mut block = BytesMut::with_capacity(BLOCK);
    let ended = loop {
        let next = match shutdown.run_until_cancelled(timeout(STILL, payload.next())).await {
            None => break Err(Refusal::Stopping),
            Some(Err(_)) => break Err(Refusal::TooSlow),
            Some(Ok(None)) => break Ok(()),
            Some(Ok(Some(Err(_)))) => break Err(Refusal::Cut),
            Some(Ok(Some(Ok(chunk)))) => chunk,
        };
        block.extend_from_slice(&next);
        if block.len() as u64 > length - writer.offset {
            blocking(move || Ok(writer.upload.cut_back(began)?)).await?;
            return Err(Refusal::TooLong(length - began));
        }
        if block.len() >= BLOCK {
            writer = writer.write(block.split().freeze()).await?;
            block.reserve(BLOCK);
        }
    };
    writer = writer.write(block.freeze()).await?;
    match ended {
        Ok(()) if writer.offset == length => {
            Ok(Received::All(Box::new(Whole { upload: writer.upload, hash: writer.hash })))
        }
        ended => {
            let offset = writer.offset;
            blocking(move || Ok(writer.upload.sync()?)).await?;
            ended.map(|()| Received::Part(offset))
        }
    }
}

impl Writer {
    async fn write(mut self, block: Bytes) -> Result<Self, Refusal> {
        if block.is_empty() {
            return Ok(self);
        }
        blocking(move || {
            self.upload.append(&block)?;
            self.offset += block.len() as u64;
            if let Some(hash) = &mut self.hash {
                hash.update(&block);
            }
            Ok(self)
        })
        .await
    }
}

/// Runs it on a thread that may wait. It is carried through even if nobody waits for it any more.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DiskError> + Send + 'static,
) -> Result<T, Refusal> {
    match spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(Refusal::Spool(std::io::Error::other(error))),
    }
}
