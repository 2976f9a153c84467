-- Whose turn it is to publish the change log.

CREATE TABLE publisher (
    is_row     boolean PRIMARY KEY DEFAULT true CHECK (is_row),
    epoch      bigint NOT NULL DEFAULT 0,
    holder     text NOT NULL DEFAULT '',
    expires_at timestamptz NOT NULL DEFAULT '-infinity',
    lineage    text NOT NULL DEFAULT gen_random_uuid()::text,
    home       text NOT NULL DEFAULT ''
) WITH (fillfactor = 50);
INSERT INTO publisher DEFAULT VALUES;
COMMENT ON TABLE publisher IS 'One row: which process publishes the change log (storage/publishing.py).';
COMMENT ON COLUMN publisher.epoch IS 'Grows by 1 with each taking over; Redis refuses the place of an older one.';
COMMENT ON COLUMN publisher.holder IS 'Host and process id, for people.';
COMMENT ON COLUMN publisher.expires_at IS 'When another may take over, unless it is renewed before; the clock of Postgres itself.';
COMMENT ON COLUMN publisher.lineage IS 'Tells this database from every other: a Redis that was filled from another is begun anew.';
COMMENT ON COLUMN publisher.home IS 'The server and database whose transactions number the change log: a dump may be restored elsewhere.';
