//! The path of a member: text from outside that is to become a file below the staging directory.

/// Longest path, in bytes: what is above it on a shelf must fit in beside it, and so must the key of an object
/// in a bucket (1,024 bytes).
pub(crate) const LONGEST: usize = 1000;
/// Longest name of a file on the usual file systems, in bytes.
const LONGEST_NAME: usize = 255;
/// Directories nested deeper than this are nothing that BigBlueButton makes.
const DEEPEST: usize = 64;

/// Why a path is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It names nothing.
    #[error("it is empty")]
    Empty,
    /// It is no text.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// It begins at the root of the file system.
    #[error("it is absolute")]
    Absolute,
    /// It leads up.
    #[error("it has a part `..`")]
    Upwards,
    /// No file can be called so.
    #[error("it has a NUL character")]
    Nul,
    /// It is longer than 1,000 bytes.
    #[error("it has more than {LONGEST} bytes")]
    TooLong,
    /// A part of it is longer than 255 bytes.
    #[error("a part of it has more than {LONGEST_NAME} bytes")]
    NameTooLong,
    /// It has more than 64 parts.
    #[error("it has more than {DEEPEST} parts")]
    TooDeep,
}

/// The names of the directories on the way, and last the name itself. Empty for the archive's own root (`./`).
///
/// # Errors
///
/// The path does not lead to a place below the root, or to none that a file system and a bucket can hold.
pub(crate) fn parts(path: &[u8]) -> Result<Vec<&str>, PathError> {
    let path = std::str::from_utf8(path).map_err(|_| PathError::NotUtf8)?;
    if path.is_empty() {
        return Err(PathError::Empty);
    }
    if path.len() > LONGEST {
        return Err(PathError::TooLong);
    }
    if path.starts_with('/') {
        return Err(PathError::Absolute);
    }
    if path.contains('\0') {
        return Err(PathError::Nul);
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(PathError::Upwards);
    }
    if parts.iter().any(|part| part.len() > LONGEST_NAME) {
        return Err(PathError::NameTooLong);
    }
    if parts.len() > DEEPEST {
        return Err(PathError::TooDeep);
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_shapes() {
        assert_eq!(parts(b"presentation/id/metadata.xml"), Ok(vec!["presentation", "id", "metadata.xml"]));
        assert_eq!(parts(b"./video/id/"), Ok(vec!["video", "id"]));
        assert_eq!(parts(b"video//./id/..x/x.."), Ok(vec!["video", "id", "..x", "x.."]));
        assert_eq!(parts(b"./"), Ok(vec![]));
        assert_eq!(parts("notes/ñ/\\ \n".as_bytes()), Ok(vec!["notes", "ñ", "\\ \n"]));
    }

    #[test]
    fn hostile_shapes() {
        let (long, deep, name) = ("a/".repeat(501), "a/".repeat(65), "a".repeat(256));
        for (path, why) in [
            (&b""[..], PathError::Empty),
            (b"/etc/passwd", PathError::Absolute),
            (b"//x", PathError::Absolute),
            (b"..", PathError::Upwards),
            (b"a/../../b", PathError::Upwards),
            (b"a/..", PathError::Upwards),
            (b"a\0b", PathError::Nul),
            (b"a/\xff", PathError::NotUtf8),
            (long.as_bytes(), PathError::TooLong),
            (deep.as_bytes(), PathError::TooDeep),
            (name.as_bytes(), PathError::NameTooLong),
        ] {
            assert_eq!(parts(path), Err(why), "{:?}", String::from_utf8_lossy(path));
        }
    }

    proptest! {
        #[test]
        fn no_path_leads_out(path in "[./a\\PC]{0,40}") {
            for part in parts(path.as_bytes()).unwrap_or_default() {
                prop_assert!(!part.is_empty() && part != "." && part != ".." && !part.contains('/'));
            }
        }
    }
}
