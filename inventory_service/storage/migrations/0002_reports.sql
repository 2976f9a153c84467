-- Sales, deliveries and confirmations beside records; which load said what; what a load met.

ALTER TABLE position RENAME COLUMN records TO reports;
ALTER TABLE position ADD COLUMN load_id int NOT NULL DEFAULT 0;
ALTER TABLE position ADD COLUMN tail bigint[];
ALTER TABLE position ADD COLUMN details_crc int NOT NULL DEFAULT 0;
UPDATE position SET details_crc = -1 WHERE details IS NOT NULL;
COMMENT ON COLUMN position.reports IS 'What the fold is over (storage/reports.py); NULL: records of source_id about one item alone.';
COMMENT ON COLUMN position.tail IS 'Those records: observed µs, as_of µs, stock, load each; NULL: the anchor alone.';
COMMENT ON COLUMN position.load_id IS 'The load that told the anchor; 0: told before loads were noted.';
COMMENT ON COLUMN position.details_crc IS 'CRC-32 of details, to tell quickly that they are the same; 0: none.';

ALTER TABLE load ADD COLUMN reasons jsonb NOT NULL DEFAULT '{}';
ALTER TABLE load ADD COLUMN duplicates bigint NOT NULL DEFAULT 0;
ALTER TABLE load ADD COLUMN new_items bigint NOT NULL DEFAULT 0;
ALTER TABLE load ADD COLUMN newest_observed_at timestamptz;
ALTER TABLE load ADD COLUMN progressed_at timestamptz;
ALTER TABLE load ADD COLUMN emptied bigint NOT NULL DEFAULT 0;
ALTER TABLE load ADD COLUMN held bigint NOT NULL DEFAULT 0;
ALTER TABLE load ADD COLUMN undone_at timestamptz;
ALTER TABLE load ADD COLUMN day date;
CREATE UNIQUE INDEX load_day ON load (source_id, kind, day) WHERE day IS NOT NULL;
COMMENT ON COLUMN load.reasons IS 'Rejected lines by reason.';
COMMENT ON COLUMN load.duplicates IS 'Of the unchanged: reports that were held already.';
COMMENT ON COLUMN load.new_items IS 'Items that stock came for before any product feed told of them.';
COMMENT ON COLUMN load.newest_observed_at IS 'The newest observation in it; the source''s clock.';
COMMENT ON COLUMN load.progressed_at IS 'When its last chunk was committed; our clock.';
COMMENT ON COLUMN load.emptied IS 'Positions that its snapshot left out and that became empty.';
COMMENT ON COLUMN load.held IS 'Stores that its snapshot would empty and that wait for a person.';
COMMENT ON COLUMN load.undone_at IS 'When a person took its reports back; our clock.';
COMMENT ON COLUMN load.day IS 'The UTC day whose live events it gathers; NULL: a file.';

ALTER TABLE coverage ADD COLUMN load_id bigint REFERENCES load;
ALTER TABLE coverage ADD COLUMN covered_before timestamptz;
COMMENT ON COLUMN coverage.load_id IS 'The snapshot that moved it last.';
COMMENT ON COLUMN coverage.covered_before IS 'What it was before that snapshot.';

CREATE INDEX coverage_load ON coverage (load_id);

ALTER TABLE retailer ADD COLUMN catalogue int NOT NULL DEFAULT 0;
COMMENT ON COLUMN retailer.catalogue IS 'Grows whenever an item turns out to be another product: who remembers items looks again.';
