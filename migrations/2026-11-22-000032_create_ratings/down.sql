ALTER TABLE conversations DROP COLUMN rating;
DROP TABLE ratings;
