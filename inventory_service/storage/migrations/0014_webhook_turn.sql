-- Whoever delivers webhooks and is stopped is relieved by another worker.

CREATE TABLE webhook_turn (
    is_row     boolean PRIMARY KEY DEFAULT true CHECK (is_row),
    pid        int,
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
INSERT INTO webhook_turn DEFAULT VALUES;
COMMENT ON TABLE webhook_turn IS 'One row: which session delivers webhooks, and until when it has said that it lives (storage/webhook_turn.py).';
COMMENT ON COLUMN webhook_turn.pid IS 'Of the session that holds the lock.';
COMMENT ON COLUMN webhook_turn.expires_at IS 'When others may end that session, unless this is renewed before; Postgres''s clock.';
