ALTER TABLE departments DROP COLUMN strategy, DROP COLUMN offer_seconds, DROP COLUMN skills;
