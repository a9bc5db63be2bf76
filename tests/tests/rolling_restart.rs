//! Two front ends behind nginx are restarted one after the other, and no client notices.
