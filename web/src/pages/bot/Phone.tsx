import { SegmentedControl, Title } from '@mantine/core';
import { useState } from 'react';
import classes from './Bot.module.css';
import type { Flow, Node } from './flow';
import { PhonePreview } from './PhonePreview';
import { Rehearsal } from './Rehearsal';
import { bot } from './texts';

/** The customer's phone: the step at hand, or a whole conversation with the flow as it is written. */
export function Phone({ flow, node }: { flow: Flow; node: Node }) {
  const t = bot.useText();
  const [shown, show] = useState<'step' | 'rehearsal'>('step');
  return (
    <aside className={classes.aside} aria-label={t('preview')}>
      <Title order={2} size="h6" mb="xs">
        {t('preview')}
      </Title>
      <SegmentedControl
        size="xs"
        fullWidth
        mb="xs"
        aria-label={t('preview')}
        data={[
          { value: 'step', label: t('stepView') },
          { value: 'rehearsal', label: t('rehearsal') },
        ]}
        value={shown}
        onChange={(value) => show(value === 'rehearsal' ? 'rehearsal' : 'step')}
      />
      {shown === 'step' ? <PhonePreview node={node} /> : <Rehearsal flow={flow} />}
    </aside>
  );
}
