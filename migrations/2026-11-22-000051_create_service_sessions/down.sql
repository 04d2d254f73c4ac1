DROP TABLE attendance_stretches;
DROP TABLE service_sessions;
