DROP POLICY event_heads_owner ON event_heads;
DROP FUNCTION drop_partitions(text, date);
DROP FUNCTION make_partitions(integer);
DROP FUNCTION partition_column(text);
