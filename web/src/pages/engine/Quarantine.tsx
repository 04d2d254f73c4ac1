import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { rowsOf } from '../../api/directory';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { ConversationLink } from './ActorTree';
import { useQuarantine, useResume } from './queries';
import { engine } from './texts';

/** Conversations that only store what arrives. */
export function Quarantine() {
  const t = engine.useText();
  const quarantine = useQuarantine();
  const resume = useResume();
  const rows = rowsOf(quarantine.data);
  return (
    <Loaded query={quarantine}>
      {() =>
        rows.length === 0 ? (
          <EmptyState icon={IconShieldCheck} title={t('noQuarantine')}>
            {t('noQuarantineHint')}
          </EmptyState>
        ) : (
          <Stack>
            <Text size="sm">{t('quarantineHint')}</Text>
            {rows.map(({ conversation_id: id }) => (
              <Paper key={id} withBorder p="sm">
                <Group justify="space-between">
                  <ConversationLink id={id} />
                  <Button
                    size="compact-sm"
                    variant="light"
                    loading={resume.isPending && resume.variables === id}
                    onClick={() => resume.mutate(id)}
                  >
                    {t('resume')}
                  </Button>
                </Group>
              </Paper>
            ))}
            <MoreRows query={quarantine} />
          </Stack>
        )
      }
    </Loaded>
  );
}
