-- Webhooks out: who wants to hear of which positions, what each was told last, and what waits to be delivered.

CREATE TABLE webhook (
    webhook_id    int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key_id        int NOT NULL REFERENCES api_key,
    url           text NOT NULL,
    description   text NOT NULL DEFAULT '',
    store_ids     int[] NOT NULL DEFAULT '{}',
    retailer_ids  int[] NOT NULL DEFAULT '{}',
    secret        text NOT NULL,
    old_secret    text,
    old_until     timestamptz,
    created_at    timestamptz NOT NULL,
    paused_at     timestamptz,
    ended_at      timestamptz,
    ended_why     text CHECK (ended_why IN ('gone', 'deleted')),
    known_product int NOT NULL DEFAULT 0,
    known_store   int NOT NULL DEFAULT 0,
    failures      int NOT NULL DEFAULT 0,
    rests_until   timestamptz NOT NULL DEFAULT '-infinity',
    CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE INDEX webhook_key ON webhook (key_id, webhook_id);
COMMENT ON TABLE webhook IS 'What a key subscribes to, and where it wants to be told.';
COMMENT ON COLUMN webhook.webhook_id IS 'How it is called.';
COMMENT ON COLUMN webhook.key_id IS 'Whose it is: it hears what this key may see, and nothing once the key is revoked.';
COMMENT ON COLUMN webhook.description IS 'The subscriber''s own words.';
COMMENT ON COLUMN webhook.store_ids IS 'Single stores.';
COMMENT ON COLUMN webhook.retailer_ids IS 'All stores of these.';
COMMENT ON COLUMN webhook.secret IS 'whsec_…, what is signed with: it cannot be a hash. Empty once deleted.';
COMMENT ON COLUMN webhook.old_secret IS 'The one before, which signs as well until old_until.';
COMMENT ON COLUMN webhook.old_until IS 'Postgres''s clock.';
COMMENT ON COLUMN webhook.created_at IS 'Our clock.';
COMMENT ON COLUMN webhook.paused_at IS 'Nothing is told since; what has changed is told when it goes on.';
COMMENT ON COLUMN webhook.ended_at IS 'Nothing is told any more.';
COMMENT ON COLUMN webhook.ended_why IS 'gone: the receiver answered 410; deleted: its rows go piece by piece.';
COMMENT ON COLUMN webhook.known_product IS 'With known_store: up to this position it is noted what stood there when it was made.';
COMMENT ON COLUMN webhook.known_store IS 'See known_product.';
COMMENT ON COLUMN webhook.failures IS 'Attempts that failed since the last that did not.';
COMMENT ON COLUMN webhook.rests_until IS 'No attempt before; Postgres''s clock.';

CREATE TABLE webhook_product (
    product_id int NOT NULL,
    webhook_id int NOT NULL REFERENCES webhook,
    PRIMARY KEY (product_id, webhook_id)
);
CREATE INDEX webhook_product_of ON webhook_product (webhook_id, product_id);
COMMENT ON TABLE webhook_product IS 'The products that a webhook hears of.';
COMMENT ON COLUMN webhook_product.webhook_id IS 'Who hears.';

CREATE TABLE webhook_told (
    webhook_id int NOT NULL REFERENCES webhook,
    product_id int NOT NULL,
    store_id   int NOT NULL,
    told       jsonb NOT NULL,
    PRIMARY KEY (webhook_id, product_id, store_id)
) WITH (fillfactor = 85);
CREATE INDEX webhook_told_product ON webhook_told (product_id);
COMMENT ON TABLE webhook_told IS 'What a webhook knows of a position: what stood there when it was made, then what was told last.';
COMMENT ON COLUMN webhook_told.webhook_id IS 'Who knows it.';
COMMENT ON COLUMN webhook_told.told IS 'Word, probability, band and as_of as its key sees them (web/webhook_events.py).';

CREATE TABLE webhook_delivery (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id  int NOT NULL REFERENCES webhook,
    event_id    text NOT NULL UNIQUE,
    event       text NOT NULL,
    product_id  int,
    store_id    int,
    body        text NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead', 'replaced')),
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts    int NOT NULL DEFAULT 0,
    next_at     timestamptz DEFAULT clock_timestamp(),
    tried_at    timestamptz,
    settled_at  timestamptz,
    status      smallint,
    failure     text,
    CHECK ((state = 'waiting') = (next_at IS NOT NULL)),
    CHECK ((state = 'waiting') = (settled_at IS NULL))
) WITH (fillfactor = 85);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_delivery_position ON webhook_delivery (webhook_id, product_id, store_id, delivery_id);
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_id, delivery_id DESC);
CREATE INDEX webhook_delivery_state ON webhook_delivery (webhook_id, state, delivery_id DESC);
CREATE INDEX webhook_delivery_settled ON webhook_delivery (state, settled_at) WHERE settled_at IS NOT NULL;
COMMENT ON TABLE webhook_delivery IS 'The outbox: one event for one webhook. All times are Postgres''s own clock.';
COMMENT ON COLUMN webhook_delivery.delivery_id IS 'In the order that they were made.';
COMMENT ON COLUMN webhook_delivery.webhook_id IS 'Who is told.';
COMMENT ON COLUMN webhook_delivery.event_id IS 'The header webhook-id: the same at every attempt.';
COMMENT ON COLUMN webhook_delivery.event IS 'The type in its body.';
COMMENT ON COLUMN webhook_delivery.product_id IS 'Of which position it tells; NULL: of none.';
COMMENT ON COLUMN webhook_delivery.store_id IS 'See product_id.';
COMMENT ON COLUMN webhook_delivery.body IS 'JSON, byte for byte as it is signed.';
COMMENT ON COLUMN webhook_delivery.state IS 'waiting; delivered: answered 2xx; dead: tried for the last time; replaced: something newer of the position came first.';
COMMENT ON COLUMN webhook_delivery.made_at IS 'When it was decided to tell.';
COMMENT ON COLUMN webhook_delivery.attempts IS 'How often it was tried.';
COMMENT ON COLUMN webhook_delivery.next_at IS 'When it is tried next; NULL: it does not wait any more.';
COMMENT ON COLUMN webhook_delivery.tried_at IS 'The last attempt.';
COMMENT ON COLUMN webhook_delivery.settled_at IS 'Since when it does not wait any more.';
COMMENT ON COLUMN webhook_delivery.status IS 'HTTP status of the last attempt; NULL: none came.';
COMMENT ON COLUMN webhook_delivery.failure IS 'Why the last attempt failed, in a few words.';

CREATE TABLE webhook_reader (
    is_row  boolean PRIMARY KEY DEFAULT true CHECK (is_row),
    xact_id bigint NOT NULL,
    seq     bigint NOT NULL
);
INSERT INTO webhook_reader (xact_id, seq) VALUES (0, 0);
COMMENT ON TABLE webhook_reader IS 'One row: up to where the change log has been looked through for webhooks.';
COMMENT ON COLUMN webhook_reader.xact_id IS 'The writing transaction of change.xact_id, as a number.';
