DROP TABLE avatars;
ALTER TABLE users
    DROP COLUMN preferences,
    DROP COLUMN locale;
