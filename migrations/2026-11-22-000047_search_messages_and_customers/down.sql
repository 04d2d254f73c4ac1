DROP FUNCTION search_customers(text, integer);
DROP POLICY customers_lookup ON customers;
DROP INDEX customers_search_idx;
DROP FUNCTION customer_document(text, text, text);
DROP TRIGGER messages_search ON messages;
DROP FUNCTION follow_message();
DROP FUNCTION search_messages(text, boolean, uuid, uuid[], uuid, uuid, uuid, uuid, uuid, text, text,
    timestamptz, timestamptz, integer, real, bigint, integer);
DROP POLICY conversations_lookup ON conversations;
DROP TABLE message_search;
DROP TABLE search_counters;
DROP FUNCTION search_query(text);
DROP FUNCTION search_document(text);
DROP TEXT SEARCH CONFIGURATION plain_simple;
DROP TEXT SEARCH CONFIGURATION plain_portuguese;
DROP EXTENSION btree_gin;
DROP EXTENSION unaccent;
