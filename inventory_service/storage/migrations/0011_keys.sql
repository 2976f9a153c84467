-- Keys whole: what they are told of, what they may spend, when they end; and what they spent, day by day.

ALTER TABLE api_key
    ADD COLUMN retailers              text[] NOT NULL DEFAULT '{}',
    ADD COLUMN fields                 text[] NOT NULL DEFAULT '{}',
    ADD COLUMN per_minute             int NOT NULL DEFAULT 0 CHECK (per_minute >= 0),
    ADD COLUMN per_day                int NOT NULL DEFAULT 0 CHECK (per_day >= 0),
    ADD COLUMN per_address_per_minute int NOT NULL DEFAULT 0 CHECK (per_address_per_minute >= 0),
    ADD COLUMN expires_at             timestamptz,
    ADD COLUMN rotated_to             int REFERENCES api_key;
COMMENT ON COLUMN api_key.retailers IS 'Slugs of the only retailers that a reading key is told of; empty: all of them.';
COMMENT ON COLUMN api_key.fields IS 'The only fields of a result that a reading key is told; empty: all that its scopes allow.';
COMMENT ON COLUMN api_key.per_minute IS 'What it may spend a minute, most requests counting as 1; 0: any amount.';
COMMENT ON COLUMN api_key.per_day IS 'The same of a UTC day.';
COMMENT ON COLUMN api_key.per_address_per_minute IS 'The same a minute of one address among those that use a publishable key.';
COMMENT ON COLUMN api_key.expires_at IS 'From when on it is no longer valid, by our clock; NULL: it stays so.';
COMMENT ON COLUMN api_key.rotated_to IS 'The key that takes its place; it has the same rights.';

CREATE TABLE key_usage (
    key_id   int NOT NULL REFERENCES api_key,
    day      date NOT NULL,
    requests bigint NOT NULL,
    spent    bigint NOT NULL,
    refused  bigint NOT NULL,
    PRIMARY KEY (key_id, day)
) WITH (fillfactor = 70);
COMMENT ON TABLE key_usage IS 'What each key asked, a UTC day; workers add to it every ten seconds.';
COMMENT ON COLUMN key_usage.day IS 'UTC, by our clock.';
COMMENT ON COLUMN key_usage.requests IS 'Requests with the key that were let in.';
COMMENT ON COLUMN key_usage.spent IS 'What they counted as.';
COMMENT ON COLUMN key_usage.refused IS 'Requests that were over a limit of the key.';
