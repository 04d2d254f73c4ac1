mod statuses;
