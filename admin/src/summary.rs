//! What `scalelite up` tells when it is ready. Pure.

use std::net::SocketAddr;
use std::path::Path;

use scalelite_core::bbb::checksum::{Algorithm, signed_query};
use scalelite_core::bbb::params::Params;
use secrecy::SecretString;

use crate::demo;

/// What the operator needs to know.
pub(crate) struct Ready<'a> {
    /// Where the API is: a URL, or a Unix socket.
    pub(crate) api: &'a str,
    /// The load-balancer secret and the file it is kept in, if it was made here; one that the operator has
    /// set is not shown.
    pub(crate) made_secret: Option<(&'a str, &'a Path)>,
    /// The data directory, if the live state is there.
    pub(crate) data_dir: Option<&'a Path>,
    /// Whether a task finds the data directory only if it is told where it is.
    pub(crate) name_data_dir: bool,
    /// Where servers drop recordings, if any are imported.
    pub(crate) spool: Option<&'a Path>,
    /// Where metrics are told.
    pub(crate) metrics: Option<&'a str>,
    /// Where the dashboard is, and its password if that was made here.
    pub(crate) dashboard: Option<(String, Option<&'a str>)>,
    /// Anything else worth knowing.
    pub(crate) note: Option<&'a str>,
    /// What is of no use for now, and why.
    pub(crate) trouble: Option<&'a str>,
}

/// The API's URL on an address, for a browser on this machine.
pub(crate) fn api_url(address: SocketAddr) -> String {
    let host = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => "[::1]".to_owned(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    };
    format!("http://{host}:{}/bigbluebutton/api", address.port())
}

/// The dashboard's URL beside the API's; none on a Unix socket.
pub(crate) fn dashboard_url(api: &str) -> Option<String> {
    Some(format!("{}/scalelite/dashboard", api.strip_suffix("/bigbluebutton/api")?))
}

impl Ready<'_> {
    /// The summary, aligned.
    pub(crate) fn text(&self) -> String {
        let mut rows = vec![("API URL", self.api.to_owned())];
        match self.made_secret {
            Some((secret, path)) => {
                rows.push(("Secret", secret.to_owned()));
                rows.push(("kept in", path.display().to_string()));
            }
            None => rows.push(("Secret", "the one you have set (LOADBALANCER_SECRET)".to_owned())),
        }
        if let Some(dir) = self.data_dir {
            rows.push(("Data", dir.display().to_string()));
        }
        if let Some(dir) = self.spool {
            rows.push((
                "Spool",
                format!("{} (recordings that are dropped here are imported)", dir.display()),
            ));
        }
        if let Some(url) = self.metrics {
            rows.push(("Metrics", url.to_owned()));
        }
        if let Some((url, password)) = &self.dashboard {
            rows.push(("Dashboard", url.clone()));
            let set = "the one you have set (DASHBOARD_PASSWORD)";
            rows.push(("password", password.unwrap_or(set).to_owned()));
        }
        let head = match self.trouble {
            None => "Scalelite is ready.".to_owned(),
            Some(trouble) => format!("Scalelite is running, but {trouble}"),
        };
        let mut text = format!("\n{head}\n\n{}", aligned(&rows));
        if let Some(note) = self.note {
            text.push_str(&format!("\n  {note}\n"));
        }
        let command = match self.data_dir.filter(|_| self.name_data_dir) {
            Some(dir) => format!("SCALELITE_DATA_DIR={} scalelite", quoted(&dir.display().to_string())),
            None => "scalelite".to_owned(),
        };
        text.push_str(&format!(
            "\nAdd a BigBlueButton server (`bbb-conf --secret` on it prints URL and secret):\n\n  \
             {command} servers:add URL SECRET\n  {command} servers:enable ID\n"
        ));
        text
    }
}

/// Signed links for a browser, in the order in which to try them; `recording` is the ID of one to play.
pub(crate) fn links(
    api: &str,
    algorithm: Algorithm,
    secret: &SecretString,
    recording: Option<&str>,
) -> String {
    const MEETING: (&str, &str) = ("meetingID", demo::MEETING_ID);
    let link = |call: &str, params: Params| {
        format!("{api}/{call}?{}", signed_query(algorithm, call, &params.encode(), secret))
    };
    let join = |name, role| link("join", Params::from([("fullName", name), MEETING, ("role", role)]));
    let rows = [
        ("1. create", link("create", Params::from([("name", demo::MEETING_NAME), MEETING]))),
        ("2. join as moderator", join("Moderator", "MODERATOR")),
        ("3. join as attendee", join("Attendee", "VIEWER")),
        ("4. list the meetings", link("getMeetings", Params::default())),
        ("5. list its recordings", link("getRecordings", Params::from([MEETING]))),
        ("6. play a recording", playback(api, recording)),
    ];
    format!(
        "\nThree simulated servers (demo-1 to demo-3) are there until the end, in a data directory of this demo's \
         own,\nwhich is removed then: for tasks name it as above. Open these links, one after the other:\n\n{}",
        aligned(&rows)
    )
}

/// The link to a recording's page, as `getRecordings` gives it for a protected one.
fn playback(api: &str, recording: Option<&str>) -> String {
    let site = api.strip_suffix("/bigbluebutton/api").unwrap_or(api);
    match recording {
        Some(id) => format!("{site}/recording/{id}/{}", demo::recording::FORMAT),
        None => "(the recording is not imported yet: the log tells why)".to_owned(),
    }
}

fn aligned(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    rows.iter().map(|(name, value)| format!("  {name:width$}  {value}\n")).collect()
}

/// For a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_for_a_browser() {
        for (address, url) in [
            ("0.0.0.0:3000", "http://127.0.0.1:3000/bigbluebutton/api"),
            ("127.0.0.1:80", "http://127.0.0.1:80/bigbluebutton/api"),
            ("[::]:3000", "http://[::1]:3000/bigbluebutton/api"),
            ("[2001:db8::1]:1", "http://[2001:db8::1]:1/bigbluebutton/api"),
        ] {
            assert_eq!(api_url(address.parse().unwrap()), url);
        }
    }

    #[test]
    fn the_summary_shows_only_a_secret_made_here() {
        let dir = Path::new("/tmp/a b");
        let mut ready = Ready {
            api: "http://127.0.0.1:3000/bigbluebutton/api",
            made_secret: Some(("5ecret", Path::new("/tmp/a b/secrets.env"))),
            data_dir: Some(dir),
            name_data_dir: true,
            spool: Some(Path::new("/tmp/spool")),
            metrics: None,
            dashboard: None,
            note: None,
            trouble: None,
        };
        let text = ready.text();
        assert!(text.contains("  Secret   5ecret\n  kept in  /tmp/a b/secrets.env\n"), "{text}");
        assert!(
            text.contains("  SCALELITE_DATA_DIR='/tmp/a b' scalelite servers:add URL SECRET\n"),
            "{text}"
        );
        (ready.made_secret, ready.name_data_dir) = (None, false);
        let text = ready.text();
        assert!(text.contains("\nScalelite is ready.\n"), "{text}");
        assert!(text.contains("\n  Spool    /tmp/spool (recordings "), "{text}");
        ready.trouble = Some("its store is away");
        let troubled = ready.text();
        assert!(!troubled.contains("ready") && troubled.contains(", but its store is away\n"), "{troubled}");
        assert!(!text.contains("5ecret") && text.contains("\n  scalelite servers:enable ID\n"), "{text}");
    }

    #[test]
    fn the_summary_tells_where_the_dashboard_is() {
        let api = "http://127.0.0.1:3000/bigbluebutton/api";
        let dashboard = |password| Ready {
            api,
            made_secret: None,
            data_dir: None,
            name_data_dir: false,
            spool: None,
            metrics: None,
            dashboard: Some((dashboard_url(api).unwrap(), password)),
            note: None,
            trouble: None,
        };
        let text = dashboard(Some("0pen")).text();
        assert!(
            text.contains("  Dashboard  http://127.0.0.1:3000/scalelite/dashboard\n  password   0pen\n"),
            "{text}"
        );
        let text = dashboard(None).text();
        assert!(text.contains("  password   the one you have set (DASHBOARD_PASSWORD)\n"), "{text}");
        assert_eq!(dashboard_url("unix:///run/api.sock"), None);
    }

    #[test]
    fn links_are_signed() {
        let api = "http://h/bigbluebutton/api";
        let text = links(api, Algorithm::Sha1, &"s".to_owned().into(), Some("r-1"));
        let checksum =
            Algorithm::Sha1.hex_digest(&["create", "name=Demo+Meeting&meetingID=demo-meeting", "s"]);
        let create = format!("{api}/create?name=Demo+Meeting&meetingID=demo-meeting&checksum={checksum}\n");
        assert!(text.contains(&create), "{text}");
        assert!(text.contains(&format!("{api}/getMeetings?checksum=")), "{text}");
        assert!(text.contains("  http://h/recording/r-1/presentation\n"), "{text}");
        let without = links(api, Algorithm::Sha1, &"s".to_owned().into(), None);
        assert!(without.contains("6. play a recording     (the recording is not imported yet"), "{without}");
    }
}
