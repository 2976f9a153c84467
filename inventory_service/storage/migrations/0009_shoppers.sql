-- What shoppers say, and how far it moves the probability of a level.

ALTER TABLE position ADD COLUMN leaning smallint;
COMMENT ON COLUMN position.leaning IS 'What shoppers said since observed_at, in hundredths of log-odds; NULL: nothing, which takes no room.';

CREATE TABLE shopper_report (
    product_id  int NOT NULL,
    store_id    int NOT NULL,
    day         date NOT NULL,
    device      bytea NOT NULL,
    report_id   bigint GENERATED ALWAYS AS IDENTITY,
    found       boolean NOT NULL,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (product_id, store_id, day, device)
);
CREATE INDEX shopper_report_newest ON shopper_report (product_id, store_id, observed_at);
CREATE INDEX shopper_report_store ON shopper_report (store_id, observed_at);
CREATE INDEX shopper_report_day ON shopper_report (day);
COMMENT ON TABLE shopper_report IS 'Found it, or not: one voice a device, product, store and day, the last word of the day.';
COMMENT ON COLUMN shopper_report.day IS 'The UTC day of observed_at; rows are kept 30 days.';
COMMENT ON COLUMN shopper_report.device IS 'HMAC of the device''s token under the key of the day; the token itself is nowhere kept.';
COMMENT ON COLUMN shopper_report.report_id IS 'What the shopper''s page is told.';
COMMENT ON COLUMN shopper_report.found IS 'True: the shopper had it in hand; false: it was not to be found.';
COMMENT ON COLUMN shopper_report.observed_at IS 'When the shopper looked; the device''s clock, checked against ours.';
COMMENT ON COLUMN shopper_report.received_at IS 'Our clock.';

CREATE TABLE shopper_day (
    day date PRIMARY KEY,
    key bytea NOT NULL
);
COMMENT ON TABLE shopper_day IS 'The key of each day that devices can still speak of; without it nobody can tell whose word one was.';
COMMENT ON COLUMN shopper_day.day IS 'A UTC day.';
COMMENT ON COLUMN shopper_day.key IS '32 random bytes.';
