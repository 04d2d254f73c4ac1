import { Button, Group, Text } from '@mantine/core';
import { common } from '../i18n/common';
import classes from './SaveBar.module.css';
import { app } from './texts';

/** What to do with changes; there only while there are some. */
export function SaveBar({
  changed,
  saving,
  blocked,
  onSave,
  onDiscard,
}: {
  changed: boolean;
  saving: boolean;
  /** Something is wrong with them. */
  blocked: boolean;
  onSave: () => void;
  onDiscard: () => void;
}) {
  const t = app.useText();
  const word = common.useText();
  if (!changed) return null;
  return (
    <Group className={classes.bar} justify="space-between" data-testid="save-bar">
      <Text size="sm" c="dimmed" role="status">
        {t('unsaved')}
      </Text>
      <Group gap="xs">
        <Button variant="default" onClick={onDiscard} disabled={saving}>
          {t('discard')}
        </Button>
        <Button onClick={onSave} loading={saving} disabled={blocked}>
          {word('save')}
        </Button>
      </Group>
    </Group>
  );
}
