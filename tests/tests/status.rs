//! `scalelite status --watch`, as it is seen.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use scalelite_system_tests::binaries;
use scalelite_system_tests::process::Env;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;

/// Ended when a test fails.
struct Running(Child);

impl Running {
    async fn exit(&mut self) -> ExitStatus {
        eventually("it ends", Duration::from_secs(10), async || self.0.try_wait().unwrap()).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command, env: Env) -> (Running, impl Iterator<Item = Vec<u8>> + use<>) {
    command.env_clear().envs(env).env("PATH", "/usr/bin:/bin").env("TERM", "xterm");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).split(b'\n');
    (Running(child), lines.map(Result::unwrap))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_pipe_it_is_printed_once_per_interval() {
    let site = Site::start(Mode::Embedded, 2).await;
    let mut command = Command::new(binaries::path("scalelite"));
    let (mut running, lines) = start(command.args(["status", "--watch", "0.2"]), site.env(&[]));
    let seen = tokio::task::spawn_blocking(move || {
        lines.take(3 * 6).map(|line| String::from_utf8(line).unwrap()).collect::<Vec<_>>()
    });
    let seen = seen.await.unwrap();
    for frame in seen.chunks(6) {
        assert!(frame[0].contains("UTC: 2 servers, 2 online, 0 cordoned;"), "{seen:#?}");
        assert!(frame[2].contains("HOSTNAME") && frame[2].contains("LOAD, 24 HOURS"), "{seen:#?}");
        assert!(frame[3].contains("enabled") && frame[3].contains('▁'), "{seen:#?}");
        assert!(frame.iter().all(|line| !line.contains('\x1b')), "{seen:#?}");
    }
    let pid = running.0.id().to_string();
    assert!(Command::new("sh").args(["-c", "kill -s INT $0", &pid]).status().unwrap().success());
    assert!(running.exit().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_terminal_it_is_drawn_over_and_cleaned_up() {
    let site = Site::start(Mode::Embedded, 2).await;
    let binary = binaries::path("scalelite");
    // `timeout` presses Ctrl-C after a while.
    let shell = format!(
        "stty cols 40 rows 6; timeout --foreground --signal=INT 2 {} status --watch 0.2; echo ended: $?",
        binary.display()
    );
    let mut command = Command::new("script");
    let (mut running, lines) =
        start(command.args(["--quiet", "--return", "--command", &shell, "/dev/null"]), site.env(&[]));
    let seen = tokio::task::spawn_blocking(move || lines.collect::<Vec<_>>().join(&b'\n')).await.unwrap();
    let seen = String::from_utf8_lossy(&seen).into_owned();
    assert!(running.exit().await.success(), "{seen:?}");
    let (before, rest) = seen.split_once("\x1b[?1049h\x1b[?25l").expect("another screen, without a cursor");
    let (drawn, after) = rest.split_once("\x1b[?25h\x1b[?1049l").expect("all is as it was");
    assert!(!before.contains('\x1b') && !after.contains('\x1b'), "{seen:?}");
    // `timeout` tells by 124 that it had to; the task's own status shows that it ended by itself, not by the signal.
    assert!(after.contains("ended: 124"), "{after:?}");
    let frames: Vec<&str> = drawn.split("\x1b[H").skip(1).collect();
    assert!(frames.len() >= 3, "{seen:?}");
    for frame in &frames {
        let lines: Vec<String> =
            frame.split("\r\n").map(|line| line.replace("\x1b[K", "").replace("\x1b[J", "")).collect();
        assert!(lines.len() <= 6 && lines.iter().all(|line| line.chars().count() <= 40), "{lines:#?}");
        assert!(lines[2].contains("HOSTNAME") && !lines[2].contains("VERSION"), "{lines:#?}");
    }
}
