REVOKE DELETE ON inbox, jobs FROM papo_app;
DROP POLICY jobs_app_discards ON jobs;
DROP POLICY inbox_app_discards ON inbox;
