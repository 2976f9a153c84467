-- Items that were told by their GTIN alone wait for the item of the retailer that has it.

ALTER TABLE item ADD COLUMN stands_in boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN item.stands_in IS 'Told by its GTIN alone, which is its item_id: the next item with this GTIN takes its place.';
