import { Button, Group } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import classes from './Media.module.css';
import { media } from './texts';

/** What stands in the place of a file that cannot be shown. */
export function Lost({
  words,
  onAgain,
  busy = false,
}: {
  words: string;
  onAgain: (() => void) | null;
  busy?: boolean;
}) {
  const t = media.useText();
  return (
    <Group gap={8} className={classes.state} data-testid="media-lost">
      <IconAlertTriangle size={16} aria-hidden />
      <span>{words}</span>
      {onAgain && (
        <Button size="compact-xs" variant="light" loading={busy} onClick={onAgain}>
          {t('fetchAgain')}
        </Button>
      )}
    </Group>
  );
}
