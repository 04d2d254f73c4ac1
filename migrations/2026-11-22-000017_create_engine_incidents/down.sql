DROP TABLE engine_incidents;
