//! Members of a tar, one after the other. What describes a member (long names, extended headers) is read here,
//! within bounds; the end of the archive must be seen.
//!
//! The `tar` crate's own reader would hold an extended header of any size in memory, and takes the end of the
//! file for the end of the archive; only its headers are used.

use std::io::BufRead;

use tar::{EntryType, Header};

use super::error::{Refusal, UnpackError, shown};
use super::pax::{self, Extensions};
use super::source::failure;

const BLOCK: u64 = 512;
/// Largest extended header, in bytes: it may hold attributes of the file beside its name.
const LARGEST_EXTENSION: u64 = 1024 * 1024;
/// Most extended headers before one member.
const MOST_EXTENSIONS: usize = 8;
/// The end of an archive may be padded up to the size of a tape's record, in bytes.
const LARGEST_END: u64 = 4 * 1024 * 1024;
/// No member is larger, in bytes.
const LARGEST_MEMBER: u64 = 1 << 40;

/// A member, whose content comes next.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) path: Vec<u8>,
    pub(super) kind: EntryType,
    pub(super) size: u64,
}

/// An archive that is being read.
pub(super) struct Archive<R> {
    content: R,
    /// Bytes read so far.
    at: u64,
    /// Content of the member that was not read yet, in bytes.
    left: u64,
    /// From its end to the next header, in bytes.
    padding: u64,
}

impl<R: BufRead> Archive<R> {
    pub(super) fn new(content: R) -> Self {
        Self { content, at: 0, left: 0, padding: 0 }
    }

    /// The next member; none at the end of the archive. The content of the one before must have been read.
    pub(super) fn next(&mut self) -> Result<Option<Member>, UnpackError> {
        let (mut extensions, mut long_name) = (Extensions::default(), None);
        for described in 0..MOST_EXTENSIONS {
            let Some(header) = self.header()? else {
                if described > 0 {
                    return Err(self.damaged("it ends with the description of a member that is not there"));
                }
                return Ok(None);
            };
            let size = header.entry_size().map_err(|_| self.damaged("the size of a member is no number"))?;
            match header.entry_type() {
                EntryType::GNULongName => long_name = Some(self.long_name(size)?),
                // Only links have those, and they are refused by themselves.
                EntryType::GNULongLink => drop(self.extension(size)?),
                EntryType::XHeader => extensions = self.extensions(size)?,
                EntryType::XGlobalHeader => {
                    let global = self.extensions(size)?;
                    if global != Extensions::default() {
                        return Err(self.damaged("one path or size is given for all its members"));
                    }
                }
                kind => {
                    let path = extensions.path.or(long_name).unwrap_or_else(|| header.path_bytes().into());
                    let kind = if extensions.sparse { EntryType::GNUSparse } else { kind };
                    return self.member(path, kind, extensions.size.unwrap_or(size)).map(Some);
                }
            }
        }
        Err(self.damaged("a member has too many extended headers"))
    }

    /// Reads the content of the member in pieces.
    pub(super) fn read_content(
        &mut self,
        mut take: impl FnMut(&[u8]) -> Result<(), UnpackError>,
    ) -> Result<(), UnpackError> {
        while self.left > 0 {
            let piece = self.content.fill_buf().map_err(|error| failure(error, self.at))?;
            if piece.is_empty() {
                return Err(UnpackError::Truncated(self.at));
            }
            let most = usize::try_from(self.left).unwrap_or(usize::MAX);
            let piece = &piece[..piece.len().min(most)];
            take(piece)?;
            let read = piece.len();
            self.content.consume(read);
            self.at += read as u64;
            self.left -= read as u64;
        }
        Ok(())
    }

    fn member(&mut self, path: Vec<u8>, kind: EntryType, size: u64) -> Result<Member, UnpackError> {
        if size > LARGEST_MEMBER {
            let path = shown(&path);
            return Err(Refusal::MemberTooLarge { path, size, most: LARGEST_MEMBER }.into());
        }
        self.begin(size);
        Ok(Member { path, kind, size })
    }

    fn begin(&mut self, size: u64) {
        self.left = size;
        self.padding = size.next_multiple_of(BLOCK) - size;
    }

    /// The next header; none at the end of the archive.
    fn header(&mut self) -> Result<Option<Header>, UnpackError> {
        let mut padding = [0; BLOCK as usize];
        let between = usize::try_from(std::mem::take(&mut self.padding)).unwrap_or(0);
        self.fill(&mut padding[..between])?;
        let mut header = Header::new_old();
        self.fill(header.as_mut_bytes())?;
        if header.as_bytes().iter().all(|byte| *byte == 0) {
            self.end()?;
            return Ok(None);
        }
        let (sum, stated) = (checksum(header.as_bytes()), header.cksum());
        if !stated.is_ok_and(|stated| stated == sum) {
            return Err(self.damaged("a header has a wrong checksum"));
        }
        Ok(Some(header))
    }

    /// Reads what follows the end of the archive, so that a checksum of what it is compressed with is compared.
    fn end(&mut self) -> Result<(), UnpackError> {
        let began = self.at;
        loop {
            let rest = self.content.fill_buf().map_err(|error| failure(error, self.at))?;
            if rest.is_empty() {
                return Ok(());
            }
            let (read, zero) = (rest.len(), rest.iter().all(|byte| *byte == 0));
            if !zero || self.at - began > LARGEST_END {
                return Err(self.damaged("there is something after its end"));
            }
            self.content.consume(read);
            self.at += read as u64;
        }
    }

    /// What an extended header holds.
    fn extension(&mut self, size: u64) -> Result<Vec<u8>, UnpackError> {
        if size > LARGEST_EXTENSION {
            return Err(self.damaged("an extended header is larger than 1 MiB"));
        }
        self.begin(size);
        let mut extension = Vec::new();
        self.read_content(|piece| {
            extension.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(extension)
    }

    fn extensions(&mut self, size: u64) -> Result<Extensions, UnpackError> {
        let extension = self.extension(size)?;
        pax::parse(&extension).ok_or_else(|| self.damaged("an extended header is malformed"))
    }

    fn long_name(&mut self, size: u64) -> Result<Vec<u8>, UnpackError> {
        let mut name = self.extension(size)?;
        if name.last() == Some(&0) {
            name.pop();
        }
        Ok(name)
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), UnpackError> {
        self.content.read_exact(buffer).map_err(|error| failure(error, self.at))?;
        self.at += buffer.len() as u64;
        Ok(())
    }

    fn damaged(&self, what: &'static str) -> UnpackError {
        Refusal::Damaged { at: self.at, what }.into()
    }
}

/// The sum of a header's bytes, with spaces where the sum itself stands.
fn checksum(header: &[u8; BLOCK as usize]) -> u32 {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    sum(&header[..148]) + 8 * u32::from(b' ') + sum(&header[156..])
}
