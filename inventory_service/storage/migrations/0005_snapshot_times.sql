-- Snapshots leave mere repetitions unwritten: when they spoke is kept, so that what comes late still finds its place.

ALTER TABLE coverage ADD COLUMN told_at timestamptz[] NOT NULL DEFAULT '{}';
UPDATE coverage SET told_at = ARRAY[covered_at];
COMMENT ON COLUMN coverage.told_at IS 'When the newest 24 snapshots of the source spoke of the store; the source''s clock.';
