//! Redis goes away and comes back.

use std::time::{Duration, Instant};

use scalelite_core::state::{LiveState, StateError};

use crate::given::{self, Create, is_known};
use crate::redis_server::{RedisServer, eventually};
use crate::store::redis_state;

const BACK_WITHIN: Duration = Duration::from_secs(5);

/// Waits until the state can be used again; gives the number of operations that failed by then.
async fn failures_until_back(state: &dyn LiveState) -> usize {
    let (began, mut failures) = (Instant::now(), 0);
    while let Err(error) = state.servers().await {
        assert!(began.elapsed() < BACK_WITHIN, "still {error}");
        failures += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    failures
}

#[tokio::test]
async fn scripts_that_redis_has_lost_are_loaded_again() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    let mut raw = redis.connection().await;
    given::servers(&state, &["s"]).await;
    for n in 0..3 {
        redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut raw).await.unwrap();
        given::created(&state, &format!("m{n}")).await;
        redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut raw).await.unwrap();
        assert!(is_known(&state, "m0").await);
    }
    assert_eq!(given::load(&state, "s").await, Some(3.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comes_back_after_redis_was_away() {
    let mut redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    given::servers(&state, &["s"]).await;
    redis.stop();
    for _ in 0..20 {
        let began = Instant::now();
        let error = state.locate_meeting("m", None).await.unwrap_err();
        assert!(matches!(error, StateError::Redis(_)), "{error:?}");
        assert!(began.elapsed() < Duration::from_secs(1), "what is away is told at once");
        assert!(state.check().await.is_err() && state.now().await.is_err());
    }
    redis.start_again().await;
    failures_until_back(&state).await;
    given::servers(&state, &["s"]).await;
    Create::of("m").created_on(&state).await;
}

#[tokio::test]
async fn a_restart_between_two_requests_is_no_outage() {
    let mut redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    given::servers(&state, &["s"]).await;
    for _ in 0..3 {
        redis.stop();
        redis.start_again().await;
        let failures = failures_until_back(&state).await;
        assert!(failures <= 2, "one for each connection, not {failures}");
    }
}

#[tokio::test]
async fn starts_while_redis_is_away() {
    let mut redis = RedisServer::start().await;
    redis.stop();
    let state = redis_state(&redis.url());
    assert!(state.check().await.is_err());
    redis.start_again().await;
    eventually("it is back", async || state.check().await.is_ok()).await;
}

#[tokio::test]
async fn a_redis_that_hangs_is_given_up() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    given::servers(&state, &["s"]).await;
    redis.signal("STOP");
    let began = Instant::now();
    assert!(state.locate_meeting("m", None).await.is_err());
    let waited = began.elapsed();
    redis.signal("CONT");
    assert!(waited < Duration::from_secs(8), "{waited:?}");
    failures_until_back(&state).await;
    Create::of("m").created_on(&state).await;
}
