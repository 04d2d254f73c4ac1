DROP TABLE bot_flows;
