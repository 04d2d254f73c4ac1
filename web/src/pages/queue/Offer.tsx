import { IconBellRinging } from '@tabler/icons-react';
import { clock } from '../../i18n/format';
import classes from './Queue.module.css';
import { queue } from './texts';
import type { OpenOffer } from './waiting';

/** Who is asked to take a request, and how long they have to answer. */
export function Offer({ offer, mine }: { offer: OpenOffer; mine: boolean }) {
  const t = queue.useText();
  return (
    <span className={classes.offer} data-mine={mine || undefined} data-testid="queue-offer">
      <IconBellRinging size={14} aria-hidden />
      <span className={classes.offered}>
        {mine ? t('offeredToYou') : t('offeredTo', { name: offer.name })}
      </span>
      <span
        className={classes.left}
        role="timer"
        aria-label={t('left', { left: clock(offer.left) })}
      >
        {clock(offer.left)}
      </span>
    </span>
  );
}
