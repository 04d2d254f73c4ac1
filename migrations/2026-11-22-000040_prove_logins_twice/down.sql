ALTER TABLE refresh_tokens
    DROP COLUMN address,
    DROP COLUMN user_agent,
    DROP COLUMN began_at;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
ALTER TABLE users DROP COLUMN two_factor_at;
