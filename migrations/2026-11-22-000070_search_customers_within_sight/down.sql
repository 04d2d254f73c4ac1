DROP FUNCTION search_customers(text, boolean, uuid, uuid[], uuid, integer);
