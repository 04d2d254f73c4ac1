ALTER TABLE jobs ADD COLUMN again_at timestamptz;
COMMENT ON COLUMN jobs.again_at IS
    'When it is to begin anew once the try that runs has ended: somebody asked for it meanwhile, and that try may have looked before what they speak of.';
GRANT UPDATE (again_at) ON jobs TO papo_app;
