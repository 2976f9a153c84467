-- What has been learned of shelves, sources and paces; and from where on a retailer's probabilities become words.

CREATE TABLE learned (
    learned_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fitted_at  timestamptz NOT NULL,
    parameters jsonb NOT NULL,
    products   jsonb NOT NULL,
    stores     jsonb NOT NULL,
    positions  int NOT NULL,
    looks      int NOT NULL
);
COMMENT ON TABLE learned IS 'Each fit of the model, the newest in force: rows are only ever added.';
COMMENT ON COLUMN learned.learned_id IS 'In the order of the fits: the highest is in force.';
COMMENT ON COLUMN learned.fitted_at IS 'Our clock.';
COMMENT ON COLUMN learned.parameters IS 'As domain/belief/parameters.py writes them; sources by name.';
COMMENT ON COLUMN learned.products IS 'How fast products sell: classes of domain/belief/pace.py by product id.';
COMMENT ON COLUMN learned.stores IS 'How many classes faster stores sell, by store id.';
COMMENT ON COLUMN learned.positions IS 'Positions that it was learned from.';
COMMENT ON COLUMN learned.looks IS 'Confirmations among their reports.';

ALTER TABLE retailer ADD COLUMN thresholds jsonb;
COMMENT ON COLUMN retailer.thresholds IS 'surely_not, likely, plenty (domain/belief/verdict.py); NULL: the usual ones.';

ALTER TABLE change DROP CONSTRAINT change_kind_check;
ALTER TABLE change ADD CONSTRAINT change_kind_check
    CHECK (kind IN ('levels', 'products', 'stores', 'coverage', 'places', 'keys', 'learned'));
COMMENT ON COLUMN change.kind IS 'What changed: levels, products, stores, coverage, places, keys or what has been learned.';
