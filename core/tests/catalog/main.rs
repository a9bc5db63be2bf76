//! The catalog of recordings: one contract, run on both databases, and what is particular to each. PostgreSQL must be
//! installed; the tests start and end their own servers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on has failed.

mod database;
mod given;

mod audit;
mod callbacks;
mod changes;
mod ends;
mod finding;
mod imports;
mod leases;
mod pages;

mod adopted;
mod agreement;
mod migrations;
mod usage;
mod walk;

/// Makes each test of the contract one test for each database.
macro_rules! contract {
    ($($module:ident: $($test:ident),+;)+) => {
        contract!(@on on_sqlite: sqlite, $($module: $($test),+;)+);
        contract!(@on on_postgres: postgres, $($module: $($test),+;)+);
    };
    (@on $name:ident: $database:ident, $($module:ident: $($test:ident),+;)+) => {
        mod $name {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let database = crate::database::$database().await;
                    crate::$module::$test(&*database.catalog).await;
                })+
            })+
        }
    };
}

contract! {
    finding:
        all_that_is_told_of_a_recording,
        by_prefix_of_the_record_id,
        by_meeting_id,
        by_state,
        by_metadata,
        by_tenant,
        filters_together,
        two_thousand_ids,
        wild_cards_and_quotes_are_ordinary_characters,
        heads_of_exact_ids,
        what_is_needed_to_play;
    pages:
        newest_first,
        pages_and_chunks_are_parts_of_the_same_list,
        totals_follow_every_change,
        far_offsets,
        many_come_by_once;
    imports:
        a_new_recording,
        an_import_again_updates,
        formats_of_one_tar_are_recorded_together,
        the_operators_last_word_holds,
        import_unpublished,
        a_deleted_recording_comes_back,
        protection_of_a_known_recording_stays,
        nothing_is_recorded_without_the_lease,
        a_tar_is_known_by_its_mark,
        marks_are_forgotten_only_when_they_are_old;
    usage:
        what_is_added_adds_up,
        imports_are_counted,
        of_many_at_once_all_count,
        summing_up_changes_nothing;
    changes:
        publish_and_unpublish,
        metadata_is_set_and_removed,
        all_or_none_are_changed,
        delete_keeps_the_row,
        delete_of_several_is_one,
        work_that_cannot_be_done_lets_other_work_pass,
        too_much_metadata_is_refused,
        adopted_once;
    leases:
        held_by_one,
        a_lease_runs_out,
        listed_by_prefix,
        one_of_many_at_once;
    callbacks:
        remembered_bit_by_bit,
        of_no_meeting,
        an_import_queues_one,
        each_tenant_has_its_own,
        taken_by_one_at_a_time,
        put_off_and_done,
        analytics_wait_with_their_text;
    ends:
        told_by_the_server,
        told_without_the_server,
        the_servers_word_counts_within_the_grace,
        an_earlier_meeting_of_the_same_id_is_over,
        a_meeting_that_never_began_is_not_over,
        listed_bit_by_bit,
        told_once_by_many_at_once;
    audit:
        the_newest_first,
        since_a_moment,
        all_at_the_same_time,
        forgotten_when_old;
}
