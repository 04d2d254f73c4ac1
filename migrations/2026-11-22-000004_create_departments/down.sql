DROP TABLE user_departments;
DROP TABLE departments;
