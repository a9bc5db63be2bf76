//! Progress on a terminal, and none of it elsewhere.

use std::process::{Command, Stdio};

use scalelite_system_tests::binaries;
use scalelite_system_tests::store::Mode;

use crate::playback::given::{Given, Library};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bar_is_drawn_on_a_terminal_only() {
    let library = Library::start(Mode::Embedded, &[]).await;
    library.add(Given::default()).await;
    let told = "Unpublished recordings whose files were moved: 0";
    // `script` gives the task a terminal, and what is seen on it to us.
    let command = format!("{} recordings:update", binaries::path("scalelite").display());
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &command, "/dev/null"]).env_clear();
    script.envs(library.env()).env("PATH", "/usr/bin:/bin").env("TERM", "xterm").stdin(Stdio::null());
    let seen = script.output().expect("there is `script` (apt install bsdutils)");
    let seen = String::from_utf8_lossy(&seen.stdout).into_owned();
    assert!(seen.contains("Looking at recordings ") && seen.contains(" of 1 ("), "{seen:?}");
    assert!(seen.contains(told), "{seen:?}");

    assert_eq!(library.task(&["recordings:update"]).clean(), format!("{told}\n"));
}
