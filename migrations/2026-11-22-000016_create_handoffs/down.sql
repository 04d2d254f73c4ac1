DROP TABLE conversation_transfers;
DROP TABLE handoff_notes;
DROP TABLE handoffs;
