DROP INDEX conversations_offered_idx;
