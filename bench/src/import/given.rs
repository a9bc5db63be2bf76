//! Tars as BigBlueButton makes them, of files that nothing can compress.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// A recording in a tar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) files: u64,
    pub(crate) bytes_each: u64,
}

/// Makes the tar of recording `number` in `dir`; gives its path.
pub(crate) fn tar(dir: &Path, shape: Shape, number: u64) -> anyhow::Result<PathBuf> {
    let record_id = format!("{number:040x}-{}", 1_700_000_000_000 + number * 1000);
    let path = dir.join(format!("{record_id}.tar"));
    let mut tar = tar::Builder::new(BufWriter::with_capacity(1 << 20, File::create(&path)?));
    let root = format!("presentation/{record_id}");
    let metadata = metadata(&record_id, number);
    append(&mut tar, &format!("{root}/metadata.xml"), metadata.len() as u64, metadata.as_bytes())?;
    for file in 0..shape.files {
        // A directory for each slide, as there is.
        let path = format!("{root}/presentation/slide-{}/file-{file}.png", file / 10);
        append(&mut tar, &path, shape.bytes_each, Noise::new(number << 32 | file))?;
    }
    tar.into_inner()?.flush()?;
    Ok(path)
}

fn append(
    tar: &mut tar::Builder<impl Write>,
    path: &str,
    size: u64,
    content: impl Read,
) -> anyhow::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    header.set_mtime(1_700_000_000);
    tar.append_data(&mut header, path, content.take(size))?;
    Ok(())
}

fn metadata(record_id: &str, number: u64) -> String {
    let start = 1_700_000_000_000 + number * 1000;
    let images: String = (1..=3)
        .map(|n| {
            format!(
                "<image width=\"176\" height=\"136\" alt=\"Slide {n}\">\
                 https://bbb.example.com/presentation/{record_id}/thumb-{n}.png</image>"
            )
        })
        .collect();
    format!(
        "<recording><id>{record_id}</id><state>published</state><published>true</published>\
         <start_time>{start}</start_time><end_time>{}</end_time><participants>3</participants>\
         <meta><meetingId>meeting-{number}</meetingId><meetingName>Room {number}</meetingName>\
         <bbb-origin>Moodle</bbb-origin><course-id>{number}</course-id></meta>\
         <playback><format>presentation</format>\
         <link>https://bbb.example.com/playback/presentation/2.3/{record_id}</link>\
         <processing_time>7000</processing_time><duration>600000</duration>\
         <extensions><preview><images>{images}</images></preview></extensions></playback></recording>",
        start + 600_000
    )
}

/// Bytes without a pattern, quickly made (xorshift).
struct Noise(u64);

impl Noise {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for word in buffer.chunks_mut(8) {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            word.copy_from_slice(&self.0.to_le_bytes()[..word.len()]);
        }
        Ok(buffer.len())
    }
}
