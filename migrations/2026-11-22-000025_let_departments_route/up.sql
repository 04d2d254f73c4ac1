ALTER TABLE departments
    ADD COLUMN strategy text NOT NULL DEFAULT 'pull'
        CONSTRAINT departments_strategy_known CHECK (strategy IN ('pull', 'round_robin', 'least_busy')),
    ADD COLUMN offer_seconds integer NOT NULL DEFAULT 30
        CONSTRAINT departments_offer_seconds_range CHECK (offer_seconds BETWEEN 5 AND 600),
    ADD COLUMN skills text[] NOT NULL DEFAULT '{}'
        CONSTRAINT departments_skills_count CHECK (cardinality(skills) <= 2);
COMMENT ON COLUMN departments.strategy IS 'How its requests for a person find one.';
COMMENT ON COLUMN departments.offer_seconds IS 'How long somebody who is asked has to answer.';
COMMENT ON COLUMN departments.skills IS 'What whoever serves its customers must be able to do.';
