-- A webhook whose receiver fails for days is ended; whoever is shown one sees since when it fails.

ALTER TABLE webhook ADD COLUMN failing_since timestamptz;
COMMENT ON COLUMN webhook.failing_since IS 'The first of the failures on end; NULL: the last attempt did not fail. Postgres''s clock.';
ALTER TABLE webhook DROP CONSTRAINT webhook_ended_why_check;
ALTER TABLE webhook ADD CONSTRAINT webhook_ended_why_check CHECK (ended_why IN ('gone', 'failing', 'deleted'));
COMMENT ON COLUMN webhook.ended_at IS 'Nothing is told since, until it is resumed.';
COMMENT ON COLUMN webhook.ended_why IS 'gone: the receiver answered 410; failing: nothing could be delivered for days; deleted: its rows go piece by piece.';
