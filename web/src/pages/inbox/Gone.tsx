import { Button, CopyButton, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconEyeOff } from '@tabler/icons-react';
import { useState } from 'react';
import { EmptyState } from '../../app/EmptyState';
import { readDraft } from '../../conversations/drafts';
import { outbox } from '../../conversations/outbox';
import { useStore } from '../../store';
import classes from './Composer.module.css';
import { inbox } from './texts';

/** A conversation that is out of somebody's sight. What they wrote there is still theirs. */
export function Gone({ id }: { id: string }) {
  const t = inbox.useText();
  const [draft] = useState(() => readDraft(id).text);
  const unsent = useStore(outbox).filter((one) => one.conversation === id);
  const words = [...unsent.map(({ text }) => text), draft]
    .filter((text) => text.trim() !== '')
    .join('\n');
  return (
    <EmptyState icon={IconEyeOff} title={t('gone')}>
      {t('goneHint')}
      {words !== '' && (
        <Stack gap="xs" mt="md" align="center" data-testid="left-words">
          <Text size="sm">{t('goneWords')}</Text>
          <Text className={classes.leftWords} c="var(--mantine-color-text)" w="100%" ta="left">
            {words}
          </Text>
          <CopyButton value={words}>
            {({ copied, copy }) => (
              <Button
                size="compact-sm"
                variant="light"
                leftSection={
                  copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />
                }
                onClick={copy}
              >
                {t(copied ? 'copied' : 'copy')}
              </Button>
            )}
          </CopyButton>
        </Stack>
      )}
    </EmptyState>
  );
}
