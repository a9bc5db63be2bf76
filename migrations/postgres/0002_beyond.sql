-- What is ours beyond Scalelite's tables: indexes for what is asked most, and tables named `ext_…`. Nothing of
-- this is in Scalelite's way: it goes on reading and writing its own tables.

-- `recordID` by prefix, whatever the collation of the database.
CREATE INDEX IF NOT EXISTS ext_recordings_by_prefix ON recordings (record_id text_pattern_ops);
-- Newest first, of one state.
CREATE INDEX IF NOT EXISTS ext_recordings_newest
  ON recordings ((coalesce(state, '')), (coalesce(starttime, '-infinity'::timestamp)) DESC, id DESC);
-- An entry of an index has a limit, a value has none: their beginnings are looked up, then they are compared.
CREATE INDEX IF NOT EXISTS ext_metadata_by_value ON metadata ((left(key, 64)), (left(value, 128)));
CREATE INDEX IF NOT EXISTS ext_callback_data_by_meeting ON callback_data ((left(meeting_id, 128)));

-- How many recordings of a state began on a day: where a page begins is found without counting them all. Changes
-- are appended, so that no two of them wait for each other; their sums count.
CREATE TABLE ext_recording_counts (
  day   date NOT NULL,
  state character varying,
  n     bigint NOT NULL
);

CREATE FUNCTION ext_count_recordings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO ext_recording_counts
    SELECT coalesce(starttime, '-infinity')::date, state, count(*) FROM added GROUP BY 1, 2;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO ext_recording_counts
    SELECT coalesce(starttime, '-infinity')::date, state, -count(*) FROM removed GROUP BY 1, 2;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO ext_recording_counts
    SELECT day, state, sum(n) FROM (
      SELECT coalesce(starttime, '-infinity')::date AS day, state, 1 AS n FROM added
      UNION ALL
      SELECT coalesce(starttime, '-infinity')::date, state, -1 FROM removed
    ) AS changes
    GROUP BY day, state HAVING sum(n) <> 0;
  ELSE
    DELETE FROM ext_recording_counts;
  END IF;
  RETURN NULL;
END
$$;

-- Nobody may write between the count and the triggers that keep it.
LOCK TABLE recordings IN SHARE ROW EXCLUSIVE MODE;
CREATE TRIGGER ext_count_added AFTER INSERT ON recordings
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ext_count_recordings();
CREATE TRIGGER ext_count_changed AFTER UPDATE ON recordings
  REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ext_count_recordings();
CREATE TRIGGER ext_count_removed AFTER DELETE ON recordings
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION ext_count_recordings();
CREATE TRIGGER ext_count_truncated AFTER TRUNCATE ON recordings
  FOR EACH STATEMENT EXECUTE FUNCTION ext_count_recordings();
INSERT INTO ext_recording_counts
SELECT coalesce(starttime, '-infinity')::date, state, count(*) FROM recordings GROUP BY 1, 2;

-- Who works on which tar or recording.
CREATE TABLE ext_leases (
  name       text PRIMARY KEY,
  token      text NOT NULL,
  expires_at timestamptz NOT NULL
);

-- Tars that were recorded and may still be in the spool; `trees` is JSON: pairs of format and recordID.
CREATE TABLE ext_imports (
  file_name   text PRIMARY KEY,
  fingerprint text NOT NULL,
  trees       text NOT NULL,
  recorded_at timestamptz NOT NULL
);

-- Trees that have to be moved to a shelf or, without one, removed.
CREATE TABLE ext_tree_work (
  id        bigserial PRIMARY KEY,
  record_id text NOT NULL,
  format    text NOT NULL,
  shelf     text,
  noted_at  timestamptz NOT NULL
);
CREATE INDEX ext_tree_work_of_recording ON ext_tree_work (record_id);

-- Callbacks that are not delivered yet. `kind` is one of
--   recording-ready   the recording `record_id` is ready
--   analytics         `body` (JSON) are the learning analytics of a meeting
--   meeting-ended     a meeting is over; `recording_marks`: whether its recording has marks, null if nobody asked
CREATE TABLE ext_outbox (
  id              bigserial PRIMARY KEY,
  kind            text NOT NULL,
  url             text NOT NULL,
  meeting_id      text NOT NULL,
  tenant_id       text,
  record_id       text,
  body            text,
  recording_marks boolean,
  failures        integer NOT NULL DEFAULT 0,
  queued_at       timestamptz NOT NULL,
  due_at          timestamptz NOT NULL
);
CREATE INDEX ext_outbox_due ON ext_outbox (due_at);

-- Who wants to be told that a meeting is over. Its server may tell us by the token. From `over_at` on, which is set
-- once the meeting is not known any more, it is told without the server's word.
CREATE TABLE ext_awaited_ends (
  token             text PRIMARY KEY,
  meeting_id        text NOT NULL,
  end_callback_url  text,
  meeting_ended_url text,
  over_at           timestamptz
);
CREATE INDEX ext_awaited_ends_of_meeting ON ext_awaited_ends ((left(meeting_id, 128)));
CREATE INDEX ext_awaited_ends_over ON ext_awaited_ends (over_at);
