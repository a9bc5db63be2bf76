//! The live state: one contract, run on every store that it can be kept in, and what is particular to
//! each store. `redis-server` and `openssl` must be installed; the tests start and end their own servers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on has failed.

mod child;
mod given;
mod redis_server;
mod store;

mod failover;
mod ids;
mod meetings;
mod placement;
mod playback;
mod polls;
mod servers;
mod tenants;
mod voice_bridges;

mod agreement;
mod redis_outages;
mod redis_records;
mod redis_topologies;
mod sqlite_file;

/// Makes each test of the contract one test for each store.
macro_rules! contract {
    ($($module:ident: $($test:ident),+;)+) => {
        contract!(@store on_sqlite: sqlite, $($module: $($test),+;)+);
        contract!(@store on_redis: redis, $($module: $($test),+;)+);
    };
    (@store $name:ident: $store:ident, $($module:ident: $($test:ident),+;)+) => {
        mod $name {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let store = crate::store::$store().await;
                    crate::$module::$test(&store).await;
                })+
            })+
        }
    };
}

contract! {
    placement:
        sixty_meetings_at_once_spread_evenly,
        forty_creates_at_once_make_one_meeting,
        where_no_server_will_do_only_a_known_meeting_is_found,
        multipliers_weigh,
        of_equally_loaded_servers_the_lowest_id,
        only_enabled_and_online_servers_get_meetings,
        the_tag_rule,
        the_least_loaded_of_many_tagged_servers,
        a_known_meeting_stays_where_it_is,
        choice_is_the_pure_one;
    voice_bridges:
        a_taken_number_is_skipped,
        a_meeting_that_comes_back_keeps_its_number,
        the_number_of_an_expired_meeting_is_free,
        without_a_free_number_nothing_happens,
        a_meeting_is_found_by_its_number,
        an_expired_meeting_is_not_found_by_its_number,
        no_two_of_many_at_once_share_a_number;
    failover:
        moves_on_and_takes_its_load_back,
        stays_if_another_server_failed,
        a_meeting_that_another_create_got_stays,
        with_no_server_left_the_meeting_is_forgotten,
        with_no_tagged_server_left_the_meeting_is_forgotten,
        taking_back_stops_at_zero,
        nothing_is_taken_back_from_an_unavailable_server;
    meetings:
        located_with_its_server,
        a_join_counts_on_an_available_server_only,
        joins_at_once_all_count,
        taken_once,
        forgotten_only_under_its_conditions,
        not_forgotten_if_placed_since,
        a_create_is_pending_until_it_is_confirmed,
        released_where_it_was_not_made,
        counted_once_when_it_is_made,
        lives_for_its_time_unless_renewed,
        listed_until_forgotten,
        each_tenant_has_its_own;
    servers:
        added_once_disabled_and_offline,
        listed_by_id,
        changed_in_what_is_named,
        states_and_load,
        removed_with_its_meetings;
    polls:
        each_server_is_taken_once_a_period,
        taken_longest_waiting_first_within_the_limit,
        pollers_at_once_share_the_servers,
        a_result_is_recorded,
        an_offline_server_has_no_load_and_no_users,
        a_failed_poll_below_the_threshold_changes_no_numbers,
        what_the_operator_changed_meanwhile_holds,
        a_cordoned_server_without_load_is_drained,
        load_added_during_a_poll_is_kept,
        load_taken_back_during_a_poll_is_kept,
        a_removed_server_is_gone,
        the_time_between_two_polls_is_told_once,
        the_last_day_is_remembered,
        a_removed_server_has_no_history,
        the_version_is_recorded;
    tenants:
        found_by_name_with_its_settings,
        found_by_id_with_its_settings,
        listed_by_name,
        what_is_taken_is_not_added,
        of_many_with_one_name_one_is_added,
        changed_in_what_is_named,
        renamed_and_found_by_the_new_name_only,
        its_lrs_is_kept_and_changed,
        removed_with_its_settings,
        a_setting_is_its_tenants,
        no_more_meetings_at_once_than_it_may_have,
        what_is_over_leaves_room;
    ids:
        any_text_is_a_meeting_id,
        any_text_is_a_password_tag_or_tenant;
    playback:
        a_token_opens_once,
        of_many_at_once_one_is_let_in,
        for_anything_else_it_is_used_up,
        what_is_no_token_opens_nothing,
        it_expires,
        many_are_made_at_once;
}
