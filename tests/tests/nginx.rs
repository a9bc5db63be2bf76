//! nginx as `nginx/start` starts it.
