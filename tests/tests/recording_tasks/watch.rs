//! `recordings:watch`: the importer in the foreground.

use std::time::Duration;

use scalelite_system_tests::process::Service;
use scalelite_system_tests::wait::eventually;

use super::on_both_databases;
use crate::playback::given::Library;
use crate::recordings::tars::drop_tar;

on_both_databases!(the_spool_is_watched);

const LIMIT: Duration = Duration::from_secs(30);

async fn the_spool_is_watched(library: Library) {
    let dir = library.site.dir();
    let mut env = library.env();
    env.push(("RECORDING_IMPORT_SETTLE".to_owned(), "0.1".to_owned()));
    let mut watch = Service::start("scalelite", &["recordings:watch[true,0.2]"], dir, &env);
    watch.logged("importing recordings").await;
    drop_tar(&library, "r-1");
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
