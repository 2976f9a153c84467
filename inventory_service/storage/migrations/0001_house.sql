-- The house: who sells what where, what we hold true of each shelf, and the log of what changed.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE retailer (
    retailer_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug        text NOT NULL UNIQUE,
    name        text NOT NULL,
    demo        boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL
);
COMMENT ON TABLE retailer IS 'A chain or an independent: the tenant. Owns stores, item ids, sources and staff keys.';
COMMENT ON COLUMN retailer.slug IS 'Public name in URLs and answers: lower-case letters, digits, hyphens.';
COMMENT ON COLUMN retailer.name IS 'Name for people.';
COMMENT ON COLUMN retailer.demo IS 'True for the simulated retailers of the demo world.';
COMMENT ON COLUMN retailer.created_at IS 'Our clock.';

CREATE TABLE neighbourhood (
    neighbourhood_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    retailer_id      int REFERENCES retailer,
    next_slot        smallint NOT NULL DEFAULT 0 CHECK (next_slot BETWEEN 0 AND 128)
);
COMMENT ON TABLE neighbourhood IS 'A compact group of at most 128 stores: the unit of the cache. Ids are never reused.';
COMMENT ON COLUMN neighbourhood.retailer_id IS 'The one retailer whose stores it holds; NULL: shared by small retailers.';
COMMENT ON COLUMN neighbourhood.next_slot IS 'First free slot; slots are never reused.';

CREATE TABLE store (
    store_id         int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    retailer_id      int NOT NULL REFERENCES retailer,
    store_code       text NOT NULL,
    name             text NOT NULL,
    street           text,
    city             text,
    region           text,
    postcode         text,
    country          text,
    lat              double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    lon              double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    phone            text,
    timezone         text NOT NULL,
    opening_hours    text,
    neighbourhood_id int NOT NULL REFERENCES neighbourhood,
    slot             smallint NOT NULL CHECK (slot BETWEEN 0 AND 127),
    as_of            timestamptz NOT NULL,
    UNIQUE (retailer_id, store_code),
    UNIQUE (neighbourhood_id, slot)
);
COMMENT ON TABLE store IS 'One place with shelves.';
COMMENT ON COLUMN store.store_code IS 'The retailer''s own code: text, case-sensitive, may exceed 64 bits.';
COMMENT ON COLUMN store.country IS 'ISO 3166-1 alpha-2.';
COMMENT ON COLUMN store.lat IS 'Degrees north, WGS84.';
COMMENT ON COLUMN store.lon IS 'Degrees east, WGS84.';
COMMENT ON COLUMN store.phone IS 'E.164.';
COMMENT ON COLUMN store.timezone IS 'IANA name.';
COMMENT ON COLUMN store.opening_hours IS 'OSM opening_hours syntax; NULL: not known.';
COMMENT ON COLUMN store.slot IS 'Place within the neighbourhood; with it the address in packed cache entries.';
COMMENT ON COLUMN store.as_of IS 'The as_of of the file that last described the store; an older file changes nothing.';

CREATE TABLE product (
    product_id  int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gtin        text CHECK (gtin ~ '^[0-9]{14}$'),
    owner_id    int REFERENCES retailer,
    name        text,
    brand       text,
    image_url   text,
    category    text,
    words       text NOT NULL DEFAULT '',
    described_by int REFERENCES retailer,
    as_of       timestamptz NOT NULL,
    merged_into int REFERENCES product
);
CREATE UNIQUE INDEX product_gtin ON product (gtin) WHERE owner_id IS NULL AND gtin IS NOT NULL AND merged_into IS NULL;
CREATE UNIQUE INDEX product_own_gtin ON product (owner_id, gtin)
    WHERE owner_id IS NOT NULL AND gtin IS NOT NULL AND merged_into IS NULL;
CREATE INDEX product_words ON product USING gin (to_tsvector('simple', words));
CREATE INDEX product_similar ON product USING gin (words gin_trgm_ops);
COMMENT ON TABLE product IS 'What is sold. One row a GTIN; a product without a usable GTIN is private to its owner.';
COMMENT ON COLUMN product.gtin IS '14 digits, zero-padded, check digit verified.';
COMMENT ON COLUMN product.owner_id IS 'The retailer that a restricted GTIN or an item without GTIN belongs to; NULL: anyone''s.';
COMMENT ON COLUMN product.words IS 'Name and brand, case-folded and without accents: what a search looks at.';
COMMENT ON COLUMN product.described_by IS 'The retailer whose feed named it: others do not rename it.';
COMMENT ON COLUMN product.as_of IS 'The as_of of the file that last described it.';
COMMENT ON COLUMN product.merged_into IS 'The product that this one turned out to be; its id answers 308.';

CREATE TABLE item (
    retailer_id int NOT NULL REFERENCES retailer,
    item_id     text NOT NULL,
    product_id  int NOT NULL REFERENCES product,
    rank        smallint NOT NULL DEFAULT 0,
    price       jsonb,
    as_of       timestamptz NOT NULL,
    PRIMARY KEY (retailer_id, item_id)
);
CREATE INDEX item_product ON item (product_id, retailer_id);
COMMENT ON TABLE item IS 'A retailer''s own id for a product, GTIN or not.';
COMMENT ON COLUMN item.rank IS 'Tells apart the retailer''s items that are the same product; their counts add up.';
COMMENT ON COLUMN item.price IS 'The retailer-wide price and sale price (storage/offers.py); NULL: not told.';
COMMENT ON COLUMN item.as_of IS 'The as_of of the file that last described the item.';

CREATE TABLE source (
    source_id   smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    retailer_id int NOT NULL REFERENCES retailer,
    slug        text NOT NULL,
    paused      boolean NOT NULL DEFAULT false,
    UNIQUE (retailer_id, slug)
);
COMMENT ON TABLE source IS 'Where reports come from: a feed, a till, a file that somebody loads.';

CREATE TABLE load (
    load_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id   smallint NOT NULL REFERENCES source,
    file        text NOT NULL,
    kind        text NOT NULL,
    as_of       timestamptz NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    rows        bigint NOT NULL DEFAULT 0,
    applied     bigint NOT NULL DEFAULT 0,
    unchanged   bigint NOT NULL DEFAULT 0,
    rejected    bigint NOT NULL DEFAULT 0,
    failure     text
);
CREATE INDEX load_source ON load (source_id, load_id DESC);
COMMENT ON TABLE load IS 'One file that was loaded, and its tally: rows = applied + unchanged + rejected.';
COMMENT ON COLUMN load.as_of IS 'The source''s clock for the whole file.';
COMMENT ON COLUMN load.started_at IS 'Our clock.';
COMMENT ON COLUMN load.failure IS 'Why the whole file was refused; NULL: it was not.';

CREATE TABLE rejected (
    rejected_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    load_id     bigint NOT NULL REFERENCES load,
    line        bigint NOT NULL,
    field       text,
    reason      text NOT NULL,
    detail      text NOT NULL,
    raw         text NOT NULL,
    parked      jsonb,
    retailer_id int REFERENCES retailer,
    store_code  text,
    resolved_at timestamptz
);
CREATE INDEX rejected_load ON rejected (load_id, rejected_id);
CREATE INDEX rejected_parked ON rejected (retailer_id, store_code) WHERE parked IS NOT NULL AND resolved_at IS NULL;
COMMENT ON TABLE rejected IS 'Every line that was refused, where a person can see it.';
COMMENT ON COLUMN rejected.line IS 'Line (text) or item (XML) in the file, from 1.';
COMMENT ON COLUMN rejected.reason IS 'One word of a fixed list, for counting.';
COMMENT ON COLUMN rejected.raw IS 'The line as it came, cut at 2,000 characters.';
COMMENT ON COLUMN rejected.parked IS 'The report of a store that is not known yet; it is applied when the store loads.';
COMMENT ON COLUMN rejected.resolved_at IS 'When a parked report was applied; our clock.';

CREATE TABLE position (
    product_id     int NOT NULL,
    store_id       int NOT NULL,
    version        int NOT NULL DEFAULT 1,
    low            int NOT NULL CHECK (low >= 0),
    high           int CHECK (high >= low),
    observed_at    timestamptz NOT NULL,
    as_of          timestamptz NOT NULL,
    covered_at     timestamptz NOT NULL,
    source_id      smallint NOT NULL,
    details        jsonb,
    records        jsonb,
    PRIMARY KEY (product_id, store_id)
) WITH (fillfactor = 85);
CREATE INDEX position_store ON position (store_id);
COMMENT ON TABLE position IS 'The level: one product at one store, the fold of its reports. Never deleted.';
COMMENT ON COLUMN position.version IS 'Grows by 1 with each change of the level; cache writes compare it.';
COMMENT ON COLUMN position.low IS 'At least so many pieces.';
COMMENT ON COLUMN position.high IS 'At most so many; NULL: no upper bound; equal to low: an exact count.';
COMMENT ON COLUMN position.observed_at IS 'When the anchor was observed; the source''s clock.';
COMMENT ON COLUMN position.as_of IS 'The as_of of the anchor''s file; orders reports of one moment.';
COMMENT ON COLUMN position.covered_at IS 'The newest record that only repeated the anchor; the source''s clock.';
COMMENT ON COLUMN position.source_id IS 'Source of the anchor.';
COMMENT ON COLUMN position.details IS 'Price exception, sale price, pickup, aisle (storage/offers.py); NULL: none.';
COMMENT ON COLUMN position.records IS 'The newest reports kept for the fold (storage/records.py); NULL: the anchor alone.';

CREATE TABLE coverage (
    store_id   int NOT NULL REFERENCES store,
    source_id  smallint NOT NULL REFERENCES source,
    covered_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, source_id)
);
COMMENT ON TABLE coverage IS 'A source still stood by all it holds for a store at this time (the source''s clock).';

CREATE TABLE held (
    store_id    int NOT NULL REFERENCES store,
    source_id   smallint NOT NULL REFERENCES source,
    load_id     bigint NOT NULL REFERENCES load,
    product_ids int[] NOT NULL,
    positive    int NOT NULL,
    PRIMARY KEY (store_id, source_id)
);
COMMENT ON TABLE held IS 'A store that a snapshot would empty: it waits until a person releases or drops it, or a newer one comes.';
COMMENT ON COLUMN held.product_ids IS 'The products that the snapshot left out.';
COMMENT ON COLUMN held.positive IS 'How many products of that source the store had.';

CREATE TABLE change (
    seq          bigint GENERATED ALWAYS AS IDENTITY,
    xact_id      xid8 NOT NULL DEFAULT pg_current_xact_id(),
    committed_at timestamptz NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('levels', 'products', 'stores', 'coverage', 'places', 'keys')),
    ids          int[] NOT NULL DEFAULT '{}',
    store_ids    int[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (xact_id, seq)
);
CREATE INDEX change_news ON change (xact_id, seq) WHERE kind <> 'levels';
COMMENT ON TABLE change IS 'The change log: one row a committed batch. Readers count on nothing beyond pg_snapshot_xmin (storage/log_reader.py).';
COMMENT ON COLUMN change.xact_id IS 'The writing transaction: sequence numbers commit out of order, this tells what may still come.';
COMMENT ON COLUMN change.committed_at IS 'Our clock when the batch was written.';
COMMENT ON COLUMN change.kind IS 'What changed: levels, products, stores, coverage, places or keys.';
COMMENT ON COLUMN change.ids IS 'levels, products: product ids; stores, coverage: store ids.';
COMMENT ON COLUMN change.store_ids IS 'levels: the store of each product id, in step.';

CREATE TABLE change_pruned (
    is_row  boolean PRIMARY KEY DEFAULT true CHECK (is_row),
    xact_id xid8 NOT NULL,
    seq     bigint NOT NULL
);
INSERT INTO change_pruned (xact_id, seq) VALUES ('0', 0);
COMMENT ON TABLE change_pruned IS 'One row: the newest entry of the change log that is no longer kept.';

CREATE TABLE place (
    place_id   int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    country    text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('postcode', 'city')),
    name       text NOT NULL,
    region     text NOT NULL DEFAULT '',
    region_name text NOT NULL DEFAULT '',
    postcode   text NOT NULL DEFAULT '',
    lat        double precision NOT NULL,
    lon        double precision NOT NULL,
    population int NOT NULL DEFAULT 0,
    aliases    text[] NOT NULL DEFAULT '{}',
    origin     text NOT NULL
);
CREATE INDEX place_origin ON place (origin);
COMMENT ON TABLE place IS 'Postcodes and cities that `near` understands, resolved without any network.';
COMMENT ON COLUMN place.name IS 'City or place name for people.';
COMMENT ON COLUMN place.region IS 'Short code of state or region, such as WA.';
COMMENT ON COLUMN place.population IS 'Inhabitants, to prefer the larger of two namesakes; 0: not known.';
COMMENT ON COLUMN place.aliases IS 'Other names it goes by.';
COMMENT ON COLUMN place.origin IS 'Which package or file it came from; loading an origin again replaces it.';

CREATE TABLE api_key (
    key_id      int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('pk', 'sk', 'st')),
    hash        bytea NOT NULL UNIQUE,
    hint        text NOT NULL,
    name        text NOT NULL,
    scopes      text[] NOT NULL,
    origins     text[] NOT NULL DEFAULT '{}',
    retailer_id int REFERENCES retailer,
    store_ids   int[] NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL,
    revoked_at  timestamptz
);
COMMENT ON TABLE api_key IS 'Keys; the key itself is never stored.';
COMMENT ON COLUMN api_key.kind IS 'pk publishable, sk secret, st staff.';
COMMENT ON COLUMN api_key.hash IS 'SHA-256 of the whole key (256 random bits: no salt needed).';
COMMENT ON COLUMN api_key.hint IS 'First characters, to recognise it by.';
COMMENT ON COLUMN api_key.scopes IS 'read, counts, ingest.';
COMMENT ON COLUMN api_key.origins IS 'Exact web origins that may use a publishable key.';
COMMENT ON COLUMN api_key.retailer_id IS 'staff, ingest: the one retailer it speaks for.';
COMMENT ON COLUMN api_key.store_ids IS 'staff: its stores; empty: all of the retailer.';
