//! The calls about recordings (issue 3).

mod bucket;
mod callbacks;
mod changes;
mod disabled;
mod killed;
mod listing;
mod outage;
mod pages;
pub(crate) mod tars;
mod tenants;
mod through_nginx;
