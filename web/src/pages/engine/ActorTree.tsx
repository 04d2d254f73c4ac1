import { Anchor, Badge, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconMoon } from '@tabler/icons-react';
import { Link } from 'react-router';
import { usePeople } from '../../api/directory';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { language } from '../../i18n/i18n';
import { type Tree, useTree } from './queries';
import { engine } from './texts';

/** The actors of the tenant: the conversations in memory, who is connected, and the numbers. */
export function ActorTree() {
  const tree = useTree();
  return (
    <Loaded query={tree} rows={5} height={70}>
      {(now) => (
        <Stack gap="lg">
          <Figures tree={now} />
          <Conversations tree={now} />
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
            <Attendants tree={now} />
            <Channels tree={now} />
          </SimpleGrid>
        </Stack>
      )}
    </Loaded>
  );
}

function Figures({ tree }: { tree: Tree }) {
  const t = engine.useText();
  const figures = [
    [t('active'), tree.active],
    [t('inHand'), tree.in_hand],
    [t('people'), tree.attendants.length],
    [t('lastSeq'), tree.last_seq],
    [t('shard'), tree.shard ?? '–'],
  ] as const;
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
      {figures.map(([name, value]) => (
        <Paper key={name} withBorder p="md">
          <Text size="sm" c="dimmed">
            {name}
          </Text>
          <Text fz="xl" fw={600}>
            {value.toLocaleString(language())}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

const STATES = { loading: 'blue', up: 'green', leaving: 'gray', backoff: 'orange' } as const;

function Conversations({ tree }: { tree: Tree }) {
  const t = engine.useText();
  const shown = tree.conversations.length;
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h6">
          {t('tree')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('conversations', { count: tree.active })}
          {shown < tree.active && ` · ${t('shownBusiest', { count: shown })}`}
        </Text>
      </Group>
      {shown === 0 ? (
        <EmptyState icon={IconMoon} title={t('idle')}>
          {t('idleHint')}
        </EmptyState>
      ) : (
        <Table.ScrollContainer minWidth={0} mah={420}>
          <Table verticalSpacing={6} stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('conversation')}</Table.Th>
                <Table.Th>{t('state')}</Table.Th>
                <Table.Th ta="right">{t('queued')}</Table.Th>
                <Table.Th ta="right">{t('hand')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tree.conversations.map(({ id, state, queued, in_hand }) => (
                <Table.Tr key={id}>
                  <Table.Td>
                    <ConversationLink id={id} />
                  </Table.Td>
                  <Table.Td>
                    <Badge color={STATES[state] ?? 'gray'} variant="light" miw="max-content">
                      {t(state)}
                    </Badge>
                  </Table.Td>
                  <Table.Td ta="right">{queued}</Table.Td>
                  <Table.Td ta="right">{in_hand}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Paper>
  );
}

/** The end of an id tells conversations apart; its beginning is the time. */
export function ConversationLink({ id }: { id: string }) {
  return (
    <Anchor component={Link} to={`/inbox/${id}`} size="sm" ff="monospace" title={id}>
      …{id.slice(-12)}
    </Anchor>
  );
}

function Attendants({ tree }: { tree: Tree }) {
  const t = engine.useText();
  const people = new Map(usePeople().data?.map(({ id, full_name }) => [id, full_name]));
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h6" mb="xs">
        {t('attendants')}
      </Title>
      <Stack gap={6}>
        {tree.attendants.map(({ user, sockets }) => (
          <Group key={user} justify="space-between">
            <Text size="sm">{people.get(user) ?? user}</Text>
            <Text size="sm" c="dimmed">
              {t('sockets', { count: sockets })}
            </Text>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}

const HEALTH = { green: 'green', yellow: 'yellow', red: 'red' } as const;

function Channels({ tree }: { tree: Tree }) {
  const t = engine.useText();
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h6" mb="xs">
        {t('channels')}
      </Title>
      <Stack gap={6}>
        {tree.channels.map(({ id, health, code, sending }) => {
          const known = health === 'green' || health === 'yellow' ? health : 'red';
          return (
            <Group key={id} justify="space-between">
              <Group gap="xs">
                <Badge color={HEALTH[known]} variant="light">
                  {t(known)}
                </Badge>
                <Text size="sm" ff="monospace" title={id}>
                  …{id.slice(-12)}
                </Text>
                {code !== null && (
                  <Text size="xs" c="dimmed">
                    {t('code', { code })}
                  </Text>
                )}
              </Group>
              <Text size="sm" c="dimmed">
                {t('sending', { count: sending })}
              </Text>
            </Group>
          );
        })}
      </Stack>
    </Paper>
  );
}
