-- Whose conversations somebody sees, from the newest customer on, without a look at the rows. It
-- serves those who look for the conversations of one customer as well.
CREATE INDEX conversations_customer_sight_idx ON conversations (tenant_id, customer_id)
    INCLUDE (assigned_user_id, department_id);
DROP INDEX conversations_customer_idx;
