import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { IconMailCheck } from '@tabler/icons-react';
import { rowsOf } from '../../api/directory';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { TablePane } from '../../app/TablePane';
import { moment } from '../../i18n/format';
import { Discard } from './Discard';
import { useDeadLetters, useRetry } from './queries';
import { engine } from './texts';

const KINDS = ['message', 'echo', 'status', 'notice'] as const;

/** Items that were given up. */
export function DeadLetters() {
  const t = engine.useText();
  const letters = useDeadLetters();
  const retry = useRetry();
  const rows = rowsOf(letters.data);
  return (
    <Loaded query={letters}>
      {() =>
        rows.length === 0 ? (
          <EmptyState icon={IconMailCheck} title={t('noDead')}>
            {t('noDeadHint')}
          </EmptyState>
        ) : (
          <Stack>
            <Text size="sm">{t('deadHint')}</Text>
            <TablePane>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('received')}</Table.Th>
                    <Table.Th>{t('kind')}</Table.Th>
                    <Table.Th visibleFrom="sm">{t('reason')}</Table.Th>
                    <Table.Th visibleFrom="sm" ta="right">
                      {t('attempts')}
                    </Table.Th>
                    <Table.Th ta="right">{t('retry')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map(({ id, received_at, item, reason, attempts }) => (
                    <Table.Tr key={id}>
                      <Table.Td>{moment(received_at)}</Table.Td>
                      <Table.Td>{t(KINDS.find((kind) => kind === item) ?? 'unreadable')}</Table.Td>
                      <Table.Td visibleFrom="sm">{reason}</Table.Td>
                      <Table.Td visibleFrom="sm" ta="right">
                        {attempts}
                      </Table.Td>
                      <Table.Td ta="right">
                        <Group gap={4} justify="flex-end" wrap="nowrap">
                          <Discard what="dead-letters" id={id} />
                          <Button
                            size="compact-sm"
                            variant="light"
                            loading={retry.isPending && retry.variables === id}
                            onClick={() => retry.mutate(id)}
                          >
                            {t('retry')}
                          </Button>
                        </Group>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </TablePane>
            <MoreRows query={letters} />
          </Stack>
        )
      }
    </Loaded>
  );
}
