//! What is remembered of a meeting's callbacks (`callback_data`): which of its rows is whose.
//!
//! A meeting may have several rows, and two tenants meetings of the same ID. Rows of the original do not tell whose
//! they are.

use crate::callbacks::{CallbackAttributes, yaml};

/// Rows of one meeting that are looked at, the newest ones.
pub(super) const MOST: u32 = 1000;

/// A row: its key and its `callback_attributes`.
pub(super) type Row = (i64, Option<String>);

/// What is to be written for a meeting, given its rows, the newest first.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Write {
    /// It stands there already.
    Nothing,
    /// This text in that row.
    Update(i64, String),
    /// This text in a new row.
    Insert(String),
}

/// What has to be written so that these attributes are remembered.
pub(super) fn write(rows: &[Row], new: &CallbackAttributes) -> Write {
    let own = rows.iter().find(|(_, text)| yaml::read(text.as_deref()).tenant_id == new.tenant_id);
    let Some((id, before)) = own else { return Write::Insert(yaml::write(None, new)) };
    let after = yaml::write(before.as_deref(), new);
    if yaml::read(before.as_deref()) == yaml::read(Some(&after)) {
        Write::Nothing
    } else {
        Write::Update(*id, after)
    }
}

/// The row of a tenant's meeting, else one of which it is not known whose it is.
pub(super) fn find(rows: &[Row], tenant_id: Option<&str>) -> Option<(i64, CallbackAttributes)> {
    let mut nobodys = None;
    for (id, text) in rows {
        let attributes = yaml::read(text.as_deref());
        if attributes.tenant_id.as_deref() == tenant_id {
            return Some((*id, attributes));
        }
        if attributes.tenant_id.is_none() && nobodys.is_none() {
            nobodys = Some((*id, attributes));
        }
    }
    nobodys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tenant: Option<&str>, url: &str) -> CallbackAttributes {
        CallbackAttributes {
            recording_ready_url: Some(url.to_owned()),
            tenant_id: tenant.map(str::to_owned),
            ..CallbackAttributes::default()
        }
    }

    fn row(id: i64, tenant: Option<&str>, url: &str) -> Row {
        (id, Some(yaml::write(None, &of(tenant, url))))
    }

    #[test]
    fn each_tenant_has_its_row() {
        let rows =
            [row(3, Some("b"), "https://b/"), row(2, Some("a"), "https://a/"), row(1, None, "https://old/")];
        let url = |tenant| find(&rows, tenant).map(|(id, found)| (id, found.recording_ready_url.unwrap()));
        assert_eq!(url(Some("a")), Some((2, "https://a/".to_owned())));
        assert_eq!(url(None), Some((1, "https://old/".to_owned())));
        assert_eq!(url(Some("c")), Some((1, "https://old/".to_owned())));
        assert_eq!(find(&rows[..2], Some("c")), None);
        assert_eq!(find(&rows[..2], None), None);
    }

    #[test]
    fn only_what_is_new_is_written() {
        let rows = [row(2, Some("a"), "https://a/"), row(1, None, "https://old/")];
        assert_eq!(write(&rows, &of(Some("a"), "https://a/")), Write::Nothing);
        assert!(matches!(write(&rows, &of(Some("a"), "https://new/")), Write::Update(2, _)));
        assert!(matches!(write(&rows, &of(None, "https://new/")), Write::Update(1, _)));
        assert!(matches!(write(&rows, &of(Some("c"), "https://c/")), Write::Insert(_)));
    }
}
