//! A small recording for the demo, made here and dropped into the spool as a BigBlueButton server does.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scalelite_core::recordings::catalog::Catalog;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::{DemoError, MEETING_ID, MEETING_NAME};

/// Its only playback format.
pub(crate) const FORMAT: &str = "presentation";

const THUMBNAIL: &[u8] = include_bytes!("thumbnail.png");
const WIDTH: u32 = 176;
const HEIGHT: u32 = 99;
/// How long the recorded meeting took.
const MINUTES: u64 = 10;

/// The import takes well less.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Makes a recording of a meeting that is just over and drops it into the spool; gives its ID.
pub(crate) async fn drop_into(spool: &Path) -> Result<String, DemoError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let end = u64::try_from(now).unwrap_or_default();
    let start = end.saturating_sub(MINUTES * 60_000);
    let id = format!("{}-{start}", hex::encode(rand::random::<[u8; 20]>()));
    let (spool, tar_id) = (spool.to_owned(), id.clone());
    let written = spawn_blocking(move || write(&spool, &tar_id, start, end));
    written.await.map_err(io::Error::other)??;
    Ok(id)
}

/// Whether the recording is imported within a moment.
pub(crate) async fn imported(catalog: &dyn Catalog, id: &str) -> bool {
    let ids = [id.to_owned()];
    let there = async {
        while !catalog.heads(&ids, None).await.is_ok_and(|heads| !heads.is_empty()) {
            sleep(PAUSE).await;
        }
    };
    timeout(PATIENCE, there).await.is_ok()
}

/// Under another name first: what is there is whole.
fn write(spool: &Path, id: &str, start: u64, end: u64) -> io::Result<()> {
    fs::create_dir_all(spool)?;
    let draft = spool.join(format!(".{id}.draft"));
    fs::write(&draft, tar(id, start, end)?)?;
    fs::rename(draft, spool.join(format!("{id}.tar")))
}

fn tar(id: &str, start: u64, end: u64) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, content) in [
        ("metadata.xml", metadata(id, start, end).as_bytes()),
        ("index.html", page().as_bytes()),
        ("thumbnails/thumb-1.png", THUMBNAIL),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(end / 1000);
        tar.append_data(&mut header, format!("{FORMAT}/{id}/{path}"), content)?;
    }
    tar.into_inner()
}

fn metadata(id: &str, start: u64, end: u64) -> String {
    let (root, duration) = (format!("https://bbb.example.com/{FORMAT}/{id}"), end - start);
    format!(
        "<?xml version=\"1.0\"?>\n<recording>\n  <id>{id}</id>\n  <state>published</state>\n  \
         <published>true</published>\n  <start_time>{start}</start_time>\n  <end_time>{end}</end_time>\n  \
         <participants>2</participants>\n  <meta>\n    <meetingId>{MEETING_ID}</meetingId>\n    \
         <meetingName>{MEETING_NAME}</meetingName>\n    <isBreakout>false</isBreakout>\n  </meta>\n  \
         <playback>\n    <format>{FORMAT}</format>\n    <link>{root}/index.html</link>\n    \
         <processing_time>1000</processing_time>\n    <duration>{duration}</duration>\n    <extensions>\
         <preview><images><image width=\"{WIDTH}\" height=\"{HEIGHT}\" alt=\"The first slide\">\
         {root}/thumbnails/thumb-1.png</image></images></preview></extensions>\n  </playback>\n</recording>\n"
    )
}

fn page() -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{MEETING_NAME}</title>\
         <style>body {{ font-family: sans-serif; margin: 4rem auto; max-width: 40rem; }}</style></head>\n\
         <body>\n<h1>Recording of “{MEETING_NAME}”</h1>\n\
         <p><img src=\"thumbnails/thumb-1.png\" width=\"{WIDTH}\" height=\"{HEIGHT}\" alt=\"The first slide\"></p>\n\
         <p>This page was imported from the spool and is served from the store. A real recording has a player \
         here.</p>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use scalelite_core::recordings::metadata_xml;

    use super::*;

    #[test]
    fn the_metadata_can_be_read() {
        let read = metadata_xml::parse(metadata("r-1", 1_000, 601_000).as_bytes()).unwrap();
        assert_eq!((read.record_id.as_str(), read.meeting_id.as_str()), ("r-1", MEETING_ID));
        assert_eq!((read.published, read.name.as_deref()), (true, Some(MEETING_NAME)));
        assert_eq!(read.format.url.as_deref(), Some("/presentation/r-1/index.html"));
        assert_eq!((read.format.length, read.format.thumbnails.len()), (Some(10), 1));
    }

    #[test]
    fn the_thumbnail_is_as_large_as_it_is_said() {
        let number = |at: usize| u32::from_be_bytes(THUMBNAIL[at..at + 4].try_into().unwrap());
        assert_eq!((number(16), number(20)), (WIDTH, HEIGHT));
    }
}
