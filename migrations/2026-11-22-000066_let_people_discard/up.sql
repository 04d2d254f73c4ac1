-- Given-up items and jobs may be thrown away by hand. What is still to be done may not, whatever
-- the program asks.
CREATE POLICY inbox_app_discards ON inbox AS RESTRICTIVE FOR DELETE TO papo_app USING (state = 'dead');
CREATE POLICY jobs_app_discards ON jobs AS RESTRICTIVE FOR DELETE TO papo_app USING (state = 'dead');
GRANT DELETE ON inbox, jobs TO papo_app;
