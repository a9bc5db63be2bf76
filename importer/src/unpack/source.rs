//! The bytes of a tar, whatever it is compressed with.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use super::error::{Refusal, UnpackError};
use super::progress::Progress;

/// What is read and written at once, in bytes: what is larger than the processor's nearest caches takes longer.
const BUFFER: usize = 64 * 1024;
/// Zstandard may look back 2^25 bytes (32 MiB), which all its usual levels do with; that much memory it takes.
const ZSTD_WINDOW_LOG: u32 = 25;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The content of the archive in this file. The file itself tells how it is compressed, not its name.
///
/// # Errors
///
/// It cannot be read.
pub(super) fn content<'a>(file: File, progress: &'a Progress) -> Result<Box<dyn BufRead + 'a>, UnpackError> {
    let mut raw = Raw { file, progress };
    let mut start = Vec::with_capacity(ZSTD.len());
    (&mut raw).take(ZSTD.len() as u64).read_to_end(&mut start).map_err(|error| failure(error, 0))?;
    let (gzip, zstd) = (start.starts_with(&GZIP), start.starts_with(&ZSTD));
    let raw: Chain<Cursor<Vec<u8>>, Raw<'a>> = Cursor::new(start).chain(raw);
    if gzip {
        let decoder = flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(BUFFER, raw));
        return Ok(Box::new(BufReader::with_capacity(BUFFER, decoder)));
    }
    if zstd {
        let raw = BufReader::with_capacity(BUFFER, raw);
        let mut decoder = zstd::Decoder::with_buffer(raw).map_err(Refusal::Compression)?;
        decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(Refusal::Compression)?;
        return Ok(Box::new(BufReader::with_capacity(BUFFER, decoder)));
    }
    Ok(Box::new(BufReader::with_capacity(BUFFER, raw)))
}

/// What a failure to read the content means; `at` is how much of it was read.
pub(super) fn failure(error: io::Error, at: u64) -> UnpackError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return UnpackError::Truncated(at);
    }
    match error.downcast::<Cause>() {
        Ok(Cause::Stopped) => UnpackError::Stopped,
        Ok(Cause::File(error)) => UnpackError::Read(error),
        Err(error) => Refusal::Compression(error).into(),
    }
}

/// Tells failures of the file from those of its content.
#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("stopped")]
    Stopped,
    #[error(transparent)]
    File(io::Error),
}

/// The file as it is.
struct Raw<'a> {
    file: File,
    progress: &'a Progress,
}

impl Read for Raw<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_stopped() {
            return Err(io::Error::other(Cause::Stopped));
        }
        match self.file.read(into) {
            Ok(read) => {
                self.progress.has_read(read);
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(io::Error::other(Cause::File(error))),
        }
    }
}
