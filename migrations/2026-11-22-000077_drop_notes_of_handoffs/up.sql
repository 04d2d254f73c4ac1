-- Nobody ever wrote there: what staff says of a handoff is a note of its conversation.
DROP TABLE handoff_notes;
