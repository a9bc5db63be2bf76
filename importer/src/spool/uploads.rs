//! Uploads to the spool that nobody goes on with. The front end makes them; here they end.
//!
//! Blocking.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::{Duration, SystemTime};

use scalelite_core::recordings::upload_names::{self, PART, STATE};

/// Removes what has not changed for so long: parts, and notes of uploads that are done. Gives the names of uploads of
/// which something was thrown away. One that is being received is left alone.
pub(crate) fn drop_old(spool: &Path, age: Duration, now: SystemTime) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(upload_names::dir(spool)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut dropped = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // A clock that was set back makes nothing old.
        let is_old = |path: &Path| {
            let changed = fs::symlink_metadata(path)?.modified()?;
            Ok(now.duration_since(changed).is_ok_and(|since| since > age))
        };
        match remove_if(&entry.path(), spool, &name, is_old) {
            Ok(true) => dropped.extend(name.strip_suffix(PART).map(str::to_owned)),
            Ok(false) => {}
            // It is gone since.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(dropped)
}

fn remove_if(
    path: &Path,
    spool: &Path,
    name: &str,
    is_old: impl Fn(&Path) -> io::Result<bool>,
) -> io::Result<bool> {
    let is_plain = fs::symlink_metadata(path)?.is_file();
    if !is_plain || !is_old(path)? {
        return Ok(false);
    }
    if let Some(upload) = name.strip_suffix(PART) {
        let part = File::open(path)?;
        // Whoever holds it works on it.
        if part.try_lock().is_err() || !is_old(path)? {
            return Ok(false);
        }
        remove(&upload_names::state(spool, upload))?;
        remove(path)?;
        return Ok(true);
    }
    // The note of an upload goes with its part; without one, it is only to tell that the upload is done.
    let has_part = name.strip_suffix(STATE).is_some_and(|upload| upload_names::part(spool, upload).exists());
    if !has_part {
        remove(path)?;
    }
    Ok(!has_part)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_old_goes_and_what_is_worked_on_stays() {
        let spool = tempfile::tempdir().unwrap();
        let day = Duration::from_secs(86_400);
        assert!(drop_old(spool.path(), day, SystemTime::now()).unwrap().is_empty());
        let dir = upload_names::dir(spool.path());
        fs::create_dir(&dir).unwrap();
        let put = |name: &str, days: u32| {
            let file = File::create(dir.join(name)).unwrap();
            file.set_modified(SystemTime::now() - day * days).unwrap();
            file
        };
        for (name, days) in [
            ("new.tar.part", 0),
            ("new.tar.json", 9),
            ("old.tar.part", 9),
            ("old.tar.json", 9),
            ("done.tar.json", 9),
            ("just-done.tar.json", 0),
            ("cut.tar.json.new", 9),
        ] {
            put(name, days);
        }
        let locked = put("busy.tar.part", 9);
        locked.lock().unwrap();
        put("busy.tar.json", 9);
        assert_eq!(drop_old(spool.path(), day, SystemTime::now()).unwrap(), ["old.tar"]);
        let mut left: Vec<_> = fs::read_dir(&dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let expected =
            ["busy.tar.json", "busy.tar.part", "just-done.tar.json", "new.tar.json", "new.tar.part"];
        assert_eq!(left, expected);
        // Nothing is old for a clock that was set back.
        assert!(drop_old(spool.path(), day, SystemTime::UNIX_EPOCH).unwrap().is_empty());
    }
}
