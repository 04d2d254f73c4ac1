DROP INDEX handoffs_rated_idx;
