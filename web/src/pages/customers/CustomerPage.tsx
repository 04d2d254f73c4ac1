import {
  Alert,
  Anchor,
  Badge,
  Code,
  Group,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { IconArrowLeft, IconGitMerge } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Loaded } from '../../app/Loaded';
import { PageFrame } from '../../app/PageFrame';
import { day, moment, phone } from '../../i18n/format';
import { CustomerForm } from './CustomerForm';
import { type CustomerDetail, useAttributes, useCustomer } from './queries';
import { customers } from './texts';

/** One customer: what is known, and what was said. */
export function CustomerPage({ id }: { id: string }) {
  const t = customers.useText();
  const customer = useCustomer(id);
  const attributes = useAttributes();
  const known = customer.data;
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
        <Anchor component={Link} to="/customers" size="sm">
          <IconArrowLeft size={14} aria-hidden /> {t('all')}
        </Anchor>
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
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
              <Paper withBorder p="lg">
                <Loaded query={attributes}>
                  {(wanted) => (
                    <CustomerForm key={found.updated_at} customer={found} attributes={wanted} />
                  )}
                </Loaded>
              </Paper>
              <Stack gap="lg">
                <Conversations customer={found} />
                <Aliases customer={found} />
              </Stack>
            </SimpleGrid>
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

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
            <Badge variant="default">{kind}</Badge>
            <Code>{value}</Code>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
