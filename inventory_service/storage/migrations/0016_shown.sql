-- The evidence that is shown to those who are told no counts, where it is another than the level's own: a count that
-- changes within its band is no news to them. NULL: the level's own.

ALTER TABLE position
    ADD COLUMN shown_source_id smallint,
    ADD COLUMN shown_at timestamptz,
    ADD COLUMN shown_covered_at timestamptz;

COMMENT ON COLUMN position.shown_source_id IS 'Whose word is shown without counts; NULL: that of source_id.';
COMMENT ON COLUMN position.shown_at IS 'When that was observed; NULL: observed_at. All three are NULL, or none.';
COMMENT ON COLUMN position.shown_covered_at IS 'When that was last repeated, as far as it can be told without counts.';
