DROP TABLE attendants;
