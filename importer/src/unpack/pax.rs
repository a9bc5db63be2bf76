//! Extended headers as POSIX has them: records `<length> <key>=<value>\n`.

/// What of an extended header matters for the member it stands before.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Extensions {
    pub(super) path: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    /// It describes a file with holes, whose content is not what it seems.
    pub(super) sparse: bool,
}

/// Reads an extended header; none if it is malformed.
pub(super) fn parse(mut records: &[u8]) -> Option<Extensions> {
    let mut extensions = Extensions::default();
    while !records.is_empty() {
        let space = records.iter().position(|byte| *byte == b' ')?;
        let length: usize = std::str::from_utf8(&records[..space]).ok()?.parse().ok()?;
        let record = records.get(space + 1..length)?.strip_suffix(b"\n")?;
        let equals = record.iter().position(|byte| *byte == b'=')?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" => extensions.path = Some(value.to_vec()),
            b"size" => extensions.size = Some(std::str::from_utf8(value).ok()?.parse().ok()?),
            _ if key.starts_with(b"GNU.sparse.") => extensions.sparse = true,
            _ => {}
        }
        records = records.get(length..)?;
    }
    Some(extensions)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_matters_is_read() {
        let records = b"20 mtime=1504122319\n16 path=video/x\n13 size=4096\n19 SCHILY.xattr=\n\n\n";
        let expected = Extensions { path: Some(b"video/x".to_vec()), size: Some(4096), sparse: false };
        assert_eq!(parse(records), Some(expected));
        assert!(parse(b"22 GNU.sparse.major=1\n").unwrap().sparse);
        assert_eq!(parse(b""), Some(Extensions::default()));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for records in
            [&b"x"[..], b"9 path=x", b"99 path=x\n", b"0 path=x\n", b"9 pathxx\n", b"10 size=-1\n", b"2 \n"]
        {
            assert_eq!(parse(records), None, "{:?}", String::from_utf8_lossy(records));
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(records in prop::collection::vec(any::<u8>(), 0..64)) {
            parse(&records);
        }
    }
}
