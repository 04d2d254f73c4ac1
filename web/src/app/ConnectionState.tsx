import { Loader } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { liveState } from '../live/live';
import { useStore } from '../store';
import classes from './Shell.module.css';
import { app } from './texts';

/** A hiccup shorter than this is nobody's concern; milliseconds. */
const UNNOTICED = 1_500;

/** Quiet while all is well or catches up; a line across the page while there is no connection. */
export function ConnectionState() {
  const t = app.useText();
  const state = useStore(liveState);
  const [late, setLate] = useState(false);
  const fine = state === 'live' || state === 'stopped';
  useEffect(() => {
    if (fine) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), UNNOTICED);
    return () => clearTimeout(timer);
  }, [fine]);

  if (fine || !late) return null;
  if (state === 'waiting') {
    return (
      <div className={classes.connection} role="status" data-testid="offline-banner">
        <IconCloudOff size={16} aria-hidden />
        <strong>{t('waiting')}</strong>
        {t('offlineHint')}
      </div>
    );
  }
  return (
    <div className={classes.connection} data-quiet role="status" data-testid="catching-up">
      <Loader size={14} aria-hidden />
      {t(state === 'catching-up' ? 'catchingUp' : 'connecting')}
    </div>
  );
}
