-- The evidence that is shown to those who are told no counts, where it is another than the level's own: a count that
-- changes within its band is no news to them. NULL: the level's own.

ALTER TABLE position
    ADD COLUMN shown_source_id smallint,
    ADD COLUMN shown_at timestamptz,
    ADD COLUMN shown_covered_at timestamptz;

CREATE FUNCTION band_of(stock bigint) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN stock < 0 THEN -1
        WHEN stock & 4294967295 = 1 THEN 0
        WHEN stock >> 32 > 2 THEN 2
        WHEN stock >> 32 >= 1 AND stock & 4294967295 BETWEEN 2 AND 3 THEN 1
        ELSE 3
        END
$$;

COMMENT ON FUNCTION band_of IS 'Of a stock as a tail keeps it (low << 32 | high + 1, 0 for no upper bound; -1: absent): 0, 1 for 1-2, 2 for 3+; 3: several.';
COMMENT ON COLUMN position.shown_source_id IS 'Whose word is shown without counts; NULL: that of source_id.';
COMMENT ON COLUMN position.shown_at IS 'When that was observed; NULL: observed_at. All three are NULL, or none.';
COMMENT ON COLUMN position.shown_covered_at IS 'When that was last repeated, as far as it can be told without counts.';
