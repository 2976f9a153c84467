-- Positions in fewer bytes: columns in an order that leaves no gaps, and pages filled up to what scattered changes need.
-- Rewrites the table, in the order of its key: takes its size on disk once more while it runs.

ALTER TABLE position RENAME TO position_wide;

CREATE TABLE position (
    product_id  int NOT NULL,
    store_id    int NOT NULL,
    version     int NOT NULL DEFAULT 1,
    low         int NOT NULL CHECK (low >= 0),
    high        int CHECK (high >= low),
    load_id     int NOT NULL DEFAULT 0,
    observed_at timestamptz NOT NULL,
    as_of       timestamptz NOT NULL,
    covered_at  timestamptz NOT NULL,
    source_id   smallint NOT NULL,
    details_crc int NOT NULL DEFAULT 0,
    details     jsonb,
    tail        bigint[],
    reports     jsonb
) WITH (fillfactor = 92);

INSERT INTO position (product_id, store_id, version, low, high, load_id, observed_at, as_of, covered_at, source_id,
                      details_crc, details, tail, reports)
SELECT product_id, store_id, version, low, high, load_id, observed_at, as_of, covered_at, source_id, details_crc, details,
       tail, reports
FROM position_wide ORDER BY product_id, store_id;

DROP TABLE position_wide;
ALTER TABLE position ADD PRIMARY KEY (product_id, store_id);
CREATE INDEX position_store ON position (store_id);

COMMENT ON TABLE position IS 'The level: one product at one store, the fold of its reports. Never deleted.';
COMMENT ON COLUMN position.version IS 'Grows by 1 with each change of the level; cache writes compare it.';
COMMENT ON COLUMN position.low IS 'At least so many pieces.';
COMMENT ON COLUMN position.high IS 'At most so many; NULL: no upper bound; equal to low: an exact count.';
COMMENT ON COLUMN position.load_id IS 'The load that told the anchor; 0: told before loads were noted.';
COMMENT ON COLUMN position.observed_at IS 'When the anchor was observed; the source''s clock.';
COMMENT ON COLUMN position.as_of IS 'The as_of of the anchor''s file; orders reports of one moment.';
COMMENT ON COLUMN position.covered_at IS 'The newest record that only repeated the anchor; the source''s clock.';
COMMENT ON COLUMN position.source_id IS 'Source of the anchor.';
COMMENT ON COLUMN position.details_crc IS 'CRC-32 of details, to tell quickly that they are the same; 0: none.';
COMMENT ON COLUMN position.details IS 'Price exception, sale price, pickup, aisle (storage/offers.py); NULL: none.';
COMMENT ON COLUMN position.tail IS 'Those records: observed µs, as_of µs, stock, load each; NULL: the anchor alone.';
COMMENT ON COLUMN position.reports IS 'What the fold is over (storage/reports.py); NULL: records of source_id about one item alone.';
