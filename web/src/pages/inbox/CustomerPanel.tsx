import {
  ActionIcon,
  Avatar,
  CopyButton,
  Group,
  Stack,
  Text,
  Timeline,
  Title,
  Tooltip,
} from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Conversation, Transfer } from '../../api/types';
import { nameOf } from '../../conversations/names';
import { useTransfers } from '../../conversations/queries';
import { day, moment, phone } from '../../i18n/format';
import { customerName } from './ConversationRow';
import { Earlier, Facts, LabelsOf, Stars } from './CustomerFacts';
import { inbox } from './texts';

/** Who writes, and who has led the conversation. */
export function CustomerPanel({
  conversation,
  onLabels,
}: {
  conversation: Conversation;
  onLabels: () => void;
}) {
  const t = inbox.useText();
  const { customer } = conversation;
  const name = customerName(conversation);
  return (
    <Stack gap="lg" p="md">
      <Stack align="center" gap={6}>
        <Avatar size={64} radius="xl" name={name} color="initials" />
        <Title order={2} size="h5" ta="center">
          {name}
        </Title>
      </Stack>
      <Stack gap="sm" component="dl" m={0}>
        {customer.phone && (
          <Field label={t('phone')}>
            <Group gap={4} wrap="nowrap">
              {phone(customer.phone)}
              <CopyButton value={`+${customer.phone}`}>
                {({ copied, copy }) => (
                  <Tooltip label={t(copied ? 'copied' : 'copyPhone')}>
                    <ActionIcon size="sm" aria-label={t('copyPhone')} onClick={copy}>
                      {copied ? (
                        <IconCheck size={14} aria-hidden />
                      ) : (
                        <IconCopy size={14} aria-hidden />
                      )}
                    </ActionIcon>
                  </Tooltip>
                )}
              </CopyButton>
            </Group>
          </Field>
        )}
        {!customer.phone && <Field label={t('address')}>{customer.address}</Field>}
        {conversation.department && (
          <Field label={t('department')}>{conversation.department.name}</Field>
        )}
        <Field label={t('since')}>{day(conversation.created_at)}</Field>
        {conversation.session_at && (
          <Field label={t('session')}>{moment(conversation.session_at)}</Field>
        )}
        {conversation.rating != null && (
          <Field label={t('rating')}>
            <Stars value={conversation.rating} />
          </Field>
        )}
      </Stack>
      <LabelsOf conversation={conversation} onLabels={onLabels} />
      <Facts conversation={conversation} />
      <History id={conversation.id} />
      <Earlier customer={customer.id} />
    </Stack>
  );
}

function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {label}
      </Text>
      <Text component="dd" m={0} size="sm" style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Text>
    </div>
  );
}

function History({ id }: { id: string }) {
  const t = inbox.useText();
  const { data } = useTransfers(id);
  const transfers = data?.data ?? [];
  return (
    <div>
      <Title order={3} size="h6" mb="sm">
        {t('history')}
      </Title>
      {transfers.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('historyEmpty')}
        </Text>
      ) : (
        <Timeline bulletSize={10} lineWidth={2}>
          {transfers.map((one) => (
            <Timeline.Item
              key={`${one.transferred_at} ${one.kind}`}
              title={<Text size="sm">{holder(one, t)}</Text>}
            >
              <Text size="xs" c="dimmed">
                {moment(one.transferred_at)}
              </Text>
              {one.reason && <Text size="xs">{one.reason}</Text>}
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </div>
  );
}

function holder(transfer: Transfer, t: ReturnType<typeof inbox.useText>): string {
  if (transfer.to_user_id) return nameOf(transfer.to_user_id) ?? t('attendant');
  if (transfer.to === 'phone') return t('byPhone');
  if (transfer.department_id) {
    return `${t('byQueue')}: ${nameOf(transfer.department_id) ?? t('department')}`;
  }
  return t('byBot');
}
