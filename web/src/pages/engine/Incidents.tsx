import { Badge, Stack, Table, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { rowsOf } from '../../api/directory';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { TablePane } from '../../app/TablePane';
import { moment } from '../../i18n/format';
import type { KeyOf } from '../../i18n/texts';
import { ConversationLink } from './ActorTree';
import { useIncidents } from './queries';
import { engine } from './texts';

const KINDS: Record<string, [KeyOf<typeof engine>, string]> = {
  restart: ['restart', 'yellow'],
  quarantine: ['quarantine', 'red'],
  resume: ['resumeKind', 'green'],
  dead_letter: ['dead_letter', 'red'],
};
const ACTORS: Record<string, KeyOf<typeof engine>> = {
  conversation: 'actorConversation',
  attendant: 'actorAttendant',
  channel: 'actorChannel',
};

/** Crashes, and what was done about them. */
export function Incidents() {
  const t = engine.useText();
  const incidents = useIncidents();
  const rows = rowsOf(incidents.data);
  return (
    <Loaded query={incidents}>
      {() =>
        rows.length === 0 ? (
          <EmptyState icon={IconShieldCheck} title={t('noIncidents')}>
            {t('noIncidentsHint')}
          </EmptyState>
        ) : (
          <Stack>
            <TablePane>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('at')}</Table.Th>
                    <Table.Th>{t('what')}</Table.Th>
                    <Table.Th visibleFrom="sm">{t('actor')}</Table.Th>
                    <Table.Th visibleFrom="sm">{t('reason')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map(({ id, at, kind, actor, reason, conversation_id }) => {
                    const [what, colour] = KINDS[kind] ?? [null, 'gray'];
                    const role = ACTORS[actor];
                    return (
                      <Table.Tr key={id}>
                        <Table.Td>{moment(at)}</Table.Td>
                        <Table.Td>
                          <Badge color={colour} variant="light">
                            {what ? t(what) : kind}
                          </Badge>
                        </Table.Td>
                        <Table.Td visibleFrom="sm">
                          {role ? t(role) : actor}{' '}
                          {conversation_id && <ConversationLink id={conversation_id} />}
                        </Table.Td>
                        <Table.Td visibleFrom="sm">
                          <Text size="sm" lineClamp={2} title={reason ?? undefined}>
                            {reason}
                          </Text>
                        </Table.Td>
                      </Table.Tr>
                    );
                  })}
                </Table.Tbody>
              </Table>
            </TablePane>
            <MoreRows query={incidents} />
          </Stack>
        )
      }
    </Loaded>
  );
}
