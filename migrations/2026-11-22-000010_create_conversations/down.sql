DROP TABLE conversation_state;
DROP TABLE conversation_peers;
DROP TABLE conversations;
