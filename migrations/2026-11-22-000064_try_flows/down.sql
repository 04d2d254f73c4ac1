DROP TABLE bot_trials;
