//! What operators do to servers and meetings, by task or by the management API (CONTRACT §12, §13).

pub mod api_url;
pub mod bounds;
pub mod ending;
pub mod numbers;
