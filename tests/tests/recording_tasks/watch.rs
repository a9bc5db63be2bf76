//! `recordings:watch`: the importer in the foreground.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use scalelite_system_tests::process::Service;
use scalelite_system_tests::wait::eventually;

use super::on_both_databases;
use crate::playback::given::Library;

on_both_databases!(the_spool_is_watched);

const LIMIT: Duration = Duration::from_secs(30);

async fn the_spool_is_watched(library: Library) {
    let dir = library.site.dir();
    let mut env = library.env();
    env.push(("RECORDING_IMPORT_SETTLE".to_owned(), "0.1".to_owned()));
    let mut watch = Service::start("scalelite", &["recordings:watch[true,0.2]"], dir, &env);
    watch.logged("importing recordings").await;
    drop_tar(dir, "r-1");
    let listed = async || {
        let out = library.task(&["recordings:list", "--json"]).clean();
        out.contains("\"record_id\":\"r-1\"").then_some(())
    };
    eventually("the recording is imported", LIMIT, listed).await;
    assert!(library.published().join("presentation/r-1/index.html").exists());
    watch.signal("TERM");
    assert_eq!(watch.exit(Duration::from_secs(10)).await.code(), Some(0), "{}", watch.log());

    let wrong = library.task(&["recordings:watch[true,soon]"]).failed();
    assert_eq!(wrong, "ERROR: The interval must be a positive number of seconds, not soon\n");
    let without = library.site.task_with(&["recordings:watch"], &[("SECRET_KEY_BASE", "")], "");
    assert_eq!(without.code, Some(78), "a service needs its secrets");
}

/// As BigBlueButton does it: made elsewhere, then moved to the spool.
fn drop_tar(dir: &Path, id: &str) {
    let tree = dir.join("made/presentation").join(id);
    fs::create_dir_all(&tree).unwrap();
    fs::write(tree.join("index.html"), "page").unwrap();
    let metadata = format!(
        "<recording><id>{id}</id><state>published</state><published>true</published>\
         <start_time>1504122319984</start_time><end_time>1504122655395</end_time>\
         <meta><meetingId>room</meetingId><meetingName>Room</meetingName></meta>\
         <playback><format>presentation</format><link>https://bbb/presentation/{id}/</link>\
         <duration>105862</duration></playback></recording>"
    );
    fs::write(tree.join("metadata.xml"), metadata).unwrap();
    let tar = dir.join("made.tar");
    let made =
        Command::new("tar").arg("-C").arg(dir.join("made")).arg("-cf").arg(&tar).arg("presentation").status();
    assert!(made.unwrap().success());
    fs::rename(tar, dir.join("spool").join(format!("{id}.tar"))).unwrap();
}
