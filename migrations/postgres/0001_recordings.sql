-- The tables of Scalelite 1.8, as its newest schema has them (CONTRACT §10). On a database of Scalelite's this
-- changes nothing; what an older one lacks is added.

CREATE TABLE IF NOT EXISTS recordings (
  id              bigserial PRIMARY KEY,
  record_id       character varying,
  meeting_id      character varying,
  name            character varying,
  published       boolean NOT NULL DEFAULT false,
  participants    integer,
  state           character varying,
  starttime       timestamp without time zone,
  endtime         timestamp without time zone,
  deleted_at      timestamp without time zone,
  protected       boolean NOT NULL DEFAULT false,
  publish_updated boolean NOT NULL DEFAULT false
);
-- Even to find that there is nothing to add, ALTER TABLE would keep all readers waiting until all of this is done.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'recordings'::regclass AND attname = 'protected') THEN
    ALTER TABLE recordings ADD COLUMN protected boolean;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'recordings'::regclass AND attname = 'publish_updated') THEN
    ALTER TABLE recordings ADD COLUMN publish_updated boolean DEFAULT false;
  END IF;
END
$$;
CREATE UNIQUE INDEX IF NOT EXISTS index_recordings_on_record_id ON recordings (record_id);
CREATE INDEX IF NOT EXISTS index_recordings_on_meeting_id ON recordings (meeting_id);

CREATE TABLE IF NOT EXISTS metadata (
  id           bigserial PRIMARY KEY,
  recording_id bigint,
  key          character varying,
  value        character varying
);
CREATE UNIQUE INDEX IF NOT EXISTS index_metadata_on_recording_id_and_key ON metadata (recording_id, key);

CREATE TABLE IF NOT EXISTS playback_formats (
  id              bigserial PRIMARY KEY,
  recording_id    bigint,
  format          character varying,
  url             character varying,
  length          integer,
  processing_time integer
);
CREATE UNIQUE INDEX IF NOT EXISTS index_playback_formats_on_recording_id_and_format
  ON playback_formats (recording_id, format);

CREATE TABLE IF NOT EXISTS thumbnails (
  id                 bigserial PRIMARY KEY,
  playback_format_id bigint,
  width              integer,
  height             integer,
  alt                character varying,
  url                character varying,
  sequence           integer
);
CREATE INDEX IF NOT EXISTS index_thumbnails_on_playback_format_id ON thumbnails (playback_format_id);

CREATE TABLE IF NOT EXISTS callback_data (
  id                  bigserial PRIMARY KEY,
  meeting_id          character varying,
  recording_id        integer,
  callback_attributes text,
  created_at          timestamp(6) without time zone NOT NULL,
  updated_at          timestamp(6) without time zone NOT NULL
);

-- Rails' own: without them Scalelite, started on this database, would drop these tables and make them anew.
CREATE TABLE IF NOT EXISTS schema_migrations (version character varying NOT NULL PRIMARY KEY);
INSERT INTO schema_migrations (version) VALUES
  ('20181123180008'), ('20210425184558'), ('20210630205630'),
  ('20210725200414'), ('20221111194252'), ('20230627141045')
ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS ar_internal_metadata (
  key        character varying NOT NULL PRIMARY KEY,
  value      character varying,
  created_at timestamp(6) without time zone NOT NULL,
  updated_at timestamp(6) without time zone NOT NULL
);
INSERT INTO ar_internal_metadata (key, value, created_at, updated_at)
VALUES ('environment', 'production', now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
ON CONFLICT DO NOTHING;
