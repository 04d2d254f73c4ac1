import {
  Alert,
  Anchor,
  Badge,
  Button,
  Code,
  Group,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { IconArrowLeft, IconGitMerge } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { me } from '../../api/session';
import { Loaded } from '../../app/Loaded';
import { PageFrame } from '../../app/PageFrame';
import { day, moment, phone } from '../../i18n/format';
import type { KeyOf } from '../../i18n/texts';
import { CustomerForm } from './CustomerForm';
import { History } from './History';
import { MergeDialog } from './MergeDialog';
import { Merges } from './Merges';
import { type CustomerDetail, useAttributes, useCustomer } from './queries';
import { customers } from './texts';

/** One customer: what is known, and what was said. */
export function CustomerPage({ id }: { id: string }) {
  const t = customers.useText();
  const customer = useCustomer(id);
  const attributes = useAttributes();
  const [merging, setMerging] = useState(false);
  const known = customer.data;
  const merges = me().permissions.includes('handoff:manage');
  return (
    <PageFrame
      title={known ? known.name || t('nameless') : t('title')}
      description={
        known &&
        [
          t('number', { number: known.number }),
          known.phone && phone(known.phone),
          t('since', { day: day(known.first_seen_at) }),
        ]
          .filter(Boolean)
          .join(' · ')
      }
      wide
      actions={
        <>
          <Button
            component={Link}
            to="/customers"
            variant="subtle"
            color="gray"
            leftSection={<IconArrowLeft size={16} aria-hidden />}
          >
            {t('all')}
          </Button>
          {merges && known && !known.merged_into && (
            <Button
              variant="default"
              leftSection={<IconGitMerge size={16} aria-hidden />}
              onClick={() => setMerging(true)}
            >
              {t('merge')}
            </Button>
          )}
        </>
      }
    >
      <Loaded query={customer} rows={6}>
        {(found) => (
          <>
            {found.merged_into && (
              <Alert color="yellow" icon={<IconGitMerge size={18} aria-hidden />}>
                {t('merged')}{' '}
                <Anchor component={Link} to={`/customers/${found.merged_into}`} size="sm">
                  {t('openMerged')}
                </Anchor>
              </Alert>
            )}
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: 'start' }}>
              <Paper withBorder p="lg">
                <Loaded query={attributes}>
                  {(wanted) => (
                    <CustomerForm key={found.updated_at} customer={found} attributes={wanted} />
                  )}
                </Loaded>
              </Paper>
              <Stack gap="lg">
                <Conversations customer={found} />
                <History id={found.id} />
                <Aliases customer={found} />
                <Merges customer={found} mayUndo={merges} />
              </Stack>
            </SimpleGrid>
          </>
        )}
      </Loaded>
      {merging && known && <MergeDialog customer={known} onClose={() => setMerging(false)} />}
    </PageFrame>
  );
}

const ALIASES: Record<string, KeyOf<typeof customers>> = {
  wa_id: 'alias_wa_id',
  bsuid: 'alias_bsuid',
};

const MODES = { bot: 'gray', waiting: 'orange', human: 'blue', closed: 'gray' } as const;

function Conversations({ customer }: { customer: CustomerDetail }) {
  const t = customers.useText();
  return (
    <Paper withBorder p="lg">
      <Title order={2} size="h6" mb="sm">
        {t('history')}
      </Title>
      {customer.conversation_list.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noHistory')}
        </Text>
      )}
      <Stack gap="sm">
        {customer.conversation_list.map(
          ({ id, mode, channel, address, last_message_at, assigned_user }) => {
            const known =
              mode === 'bot' || mode === 'waiting' || mode === 'human' ? mode : 'closed';
            return (
              <Group key={id} justify="space-between" gap="xs">
                <div>
                  <Anchor component={Link} to={`/inbox/${id}`} size="sm" fw={600}>
                    {channel.name ?? phone(address)}
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {[
                      last_message_at && moment(last_message_at),
                      assigned_user?.name && t('with', { name: assigned_user.name }),
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </Text>
                </div>
                <Badge color={MODES[known]} variant="light">
                  {t(known)}
                </Badge>
              </Group>
            );
          },
        )}
      </Stack>
    </Paper>
  );
}

function Aliases({ customer }: { customer: CustomerDetail }) {
  const t = customers.useText();
  return (
    <Paper withBorder p="lg">
      <Title order={2} size="h6" mb="sm">
        {t('aliases')}
      </Title>
      <Stack gap={4}>
        {customer.aliases.map(({ kind, value }) => (
          <Group key={`${kind}:${value}`} gap="xs">
            <Text size="sm" c="dimmed" w={170}>
              {t(ALIASES[kind] ?? 'alias_unknown')}
            </Text>
            <Code>{kind === 'wa_id' ? phone(value) : value}</Code>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
