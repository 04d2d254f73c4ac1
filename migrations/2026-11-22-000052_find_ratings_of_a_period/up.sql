-- Few requests are rated; reports ask for those of a period.
CREATE INDEX handoffs_rated_idx ON handoffs (tenant_id, completed_at)
    WHERE customer_satisfaction IS NOT NULL;
