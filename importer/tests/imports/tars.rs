//! Tars as BigBlueButton servers drop them, and such as none of them would.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};

/// What the metadata of a format says.
pub(crate) fn metadata(record_id: &str, format: &str, name: &str) -> String {
    format!(
        "<recording><id>{record_id}</id><state>published</state><published>true</published>\
         <start_time>1504122319984</start_time><end_time>1504122655395</end_time>\
         <meta><meetingId>meeting of {record_id}</meetingId><meetingName>{name}</meetingName></meta>\
         <playback><format>{format}</format><link>https://bbb/{format}/{record_id}/</link>\
         <duration>105862</duration></playback></recording>"
    )
}

/// A tar under construction.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tar(Vec<u8>);

impl Tar {
    /// One of a recording with these formats.
    pub(crate) fn of(record_id: &str, formats: &[&str]) -> Self {
        Self::named(record_id, formats, "a name")
    }

    pub(crate) fn named(record_id: &str, formats: &[&str], name: &str) -> Self {
        formats.iter().fold(Self::default(), |tar, format| {
            tar.directory(&format!("{format}/{record_id}/"))
                .file(format!("{format}/{record_id}/metadata.xml"), &metadata(record_id, format, name))
                .file(format!("{format}/{record_id}/deep/er/file"), &format!("{format} {name}"))
        })
    }

    pub(crate) fn file(self, path: impl AsRef<[u8]>, content: &str) -> Self {
        self.member(path, EntryType::Regular, content.len() as u64, content.as_bytes())
    }

    pub(crate) fn directory(self, path: &str) -> Self {
        self.member(path, EntryType::Directory, 0, b"")
    }

    /// A member of any kind, with any path and any size.
    pub(crate) fn member(
        mut self,
        path: impl AsRef<[u8]>,
        kind: EntryType,
        size: u64,
        content: &[u8],
    ) -> Self {
        let (path, mut header) = (path.as_ref(), Header::new_gnu());
        header.as_mut_bytes()[..path.len()].copy_from_slice(path);
        header.set_entry_type(kind);
        header.set_mode(0o600);
        header.set_size(size);
        if matches!(kind, EntryType::Link | EntryType::Symlink) {
            header.set_link_name_literal("/etc/passwd").unwrap();
        }
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(crate) fn bytes(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }

    /// Without its end.
    pub(crate) fn cut_off(self) -> Vec<u8> {
        self.0
    }
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(content: &[u8], window_log: u32) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(window_log).unwrap();
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}
