DROP TABLE customer_aliases;
DROP TABLE customers;
