//! Names of files in the spool: which are tars, and what they are called on their way out.

/// Where tars go that cannot be imported.
pub const FAILED: &str = "failed";
/// Begins the hidden name of a tar that is being taken out of the spool.
const ASIDE: &str = ".scalelite-";
/// Ends the name of the text that tells why a tar failed.
const REASON: &str = ".reason";
/// Longest name of a tar, in bytes: with what is added to it, it must be a file's name still.
pub const LONGEST: usize = 230;

const ENDINGS: [&str; 4] = [".tar", ".tar.gz", ".tgz", ".tar.zst"];

/// Whether a file of that name is to be imported.
#[must_use]
pub fn is_tar(name: &str) -> bool {
    !name.starts_with('.') && split(name).is_some_and(|(stem, _)| !stem.is_empty())
}

/// The hidden name of a tar that is being taken out of the spool.
#[must_use]
pub fn aside(name: &str) -> String {
    format!("{ASIDE}{name}")
}

/// The tar whose hidden name this is.
#[must_use]
pub fn of_aside(hidden: &str) -> Option<&str> {
    hidden.strip_prefix(ASIDE).filter(|name| is_tar(name))
}

/// What the `number`th failed tar of that name is called: the first one as it was, the others with a number
/// before the ending, so that they can be imported again under that name.
#[must_use]
pub fn failed(name: &str, number: u32) -> String {
    let (stem, ending) = split(name).unwrap_or((name, ""));
    let stem = &stem[..stem.floor_char_boundary(LONGEST - ending.len())];
    match number {
        0 | 1 => format!("{stem}{ending}"),
        _ => format!("{stem}.{number}{ending}"),
    }
}

/// The name of the text beside a failed tar.
#[must_use]
pub fn reason(failed: &str) -> String {
    format!("{failed}{REASON}")
}

fn split(name: &str) -> Option<(&str, &'static str)> {
    ENDINGS.into_iter().find_map(|ending| Some((name.strip_suffix(ending)?, ending)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tars_and_others() {
        for tar in ["a.tar", "a.tar.gz", "a.tgz", "a.tar.zst", "b27a-150.tar", "a b.2.tar", "ñ.tar"] {
            assert!(is_tar(tar), "{tar}");
        }
        for other in [
            "",
            "tar",
            ".tar",
            ".tgz",
            ".a.tar",
            "a.tar.xz",
            "a.tar.part",
            "a.TAR",
            "a.gz",
            "failed",
            "a.tar.",
        ] {
            assert!(!is_tar(other), "{other}");
        }
    }

    #[test]
    fn hidden_names_lead_back() {
        assert_eq!(of_aside(&aside("a.tar")), Some("a.tar"));
        assert!(!is_tar(&aside("a.tar")));
        for other in [".scalelite-x", ".scalelite-", ".scalelite-.tar", ".a.tar", "a.tar"] {
            assert_eq!(of_aside(other), None, "{other}");
        }
    }

    #[test]
    fn failed_ones_are_numbered_and_can_be_imported_again() {
        assert_eq!(failed("a.tar", 1), "a.tar");
        assert_eq!(failed("a.tar", 2), "a.2.tar");
        assert_eq!(failed("a.b.tar.gz", 13), "a.b.13.tar.gz");
        assert_eq!(failed("a.tar.zst", 2), "a.2.tar.zst");
        assert_eq!(failed("a.2.tgz", 2), "a.2.2.tgz");
        for name in ["ñ".repeat(120) + ".tar", "x".repeat(251) + ".tar"] {
            for number in [1, 2, u32::MAX] {
                let failed = failed(&name, number);
                assert!(is_tar(&failed) && reason(&failed).len() <= 255, "{failed}");
            }
        }
        assert!(aside(&"x".repeat(LONGEST)).len() <= 255);
    }
}
