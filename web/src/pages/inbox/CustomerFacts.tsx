import { Anchor, Button, Group, Rating, Stack, Text, Title } from '@mantine/core';
import { IconExternalLink, IconTag } from '@tabler/icons-react';
import { Link } from 'react-router';
import { me } from '../../api/session';
import type { Conversation } from '../../api/types';
import { useCustomerRecord, useEarlier } from '../../conversations/customer';
import { common } from '../../i18n/common';
import { day, moment, phone } from '../../i18n/format';
import classes from './CustomerFacts.module.css';
import { LabelDot } from './LabelDot';
import { inbox } from './texts';

/** The conversation's labels, and the way to change them. */
export function LabelsOf({
  conversation,
  onLabels,
}: {
  conversation: Conversation;
  onLabels: () => void;
}) {
  const t = inbox.useText();
  const attends = me().permissions.includes('conversation:attend');
  return (
    <section aria-label={t('labels')}>
      <Group gap={6}>
        {conversation.labels.map(({ id, name, colour }) => (
          <span key={id} className={classes.labelMark}>
            <LabelDot colour={colour} />
            {name}
          </span>
        ))}
        {attends && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            leftSection={<IconTag size={14} aria-hidden />}
            onClick={onLabels}
            aria-keyshortcuts="L"
          >
            {t('labels')}
          </Button>
        )}
      </Group>
    </section>
  );
}

/** What the customer thought, 1 to 5. */
export function Stars({ value }: { value: number }) {
  const t = inbox.useText();
  const label = t('ratingOf', { value });
  return (
    <span role="img" aria-label={label} title={label}>
      <Rating value={value} readOnly size="sm" aria-hidden />
    </span>
  );
}

/** What staff noted of the customer. */
export function Facts({ conversation }: { conversation: Conversation }) {
  const t = inbox.useText();
  const { record, attributes } = useCustomerRecord(conversation.customer.id);
  if (!record) return null;
  const values = record.attributes as unknown as Record<string, unknown>;
  const known = attributes.filter(({ key }) => values[key] != null && values[key] !== '');
  const others = record.conversation_list.filter(({ id }) => id !== conversation.id);
  return (
    <>
      <section aria-labelledby="customer-facts">
        <Group justify="space-between" mb="xs">
          <Title order={3} size="h6" id="customer-facts">
            {t('record')}
          </Title>
          <Anchor component={Link} to={`/customers/${record.id}`} size="xs">
            {t('openRecord')} <IconExternalLink size={12} aria-hidden />
          </Anchor>
        </Group>
        {known.length === 0 && !record.email && !record.notes && (
          <Text size="sm" c="dimmed">
            {t('recordEmpty')}
          </Text>
        )}
        <dl className={classes.facts}>
          {record.email && <Fact label={t('email')} value={record.email} />}
          {known.map(({ key, label, kind }) => (
            <Fact key={key} label={label} value={shown(values[key], kind)} />
          ))}
          {record.notes && <Fact label={t('remarks')} value={record.notes} />}
        </dl>
      </section>
      {others.length > 0 && (
        <section aria-labelledby="customer-others">
          <Title order={3} size="h6" mb="xs" id="customer-others">
            {t('otherConversations')}
          </Title>
          <Stack gap={4}>
            {others.slice(0, 5).map(({ id, channel, address, last_message_at }) => (
              <Anchor key={id} component={Link} to={`/inbox/${id}`} size="sm">
                {channel.name ?? phone(address)}
                {last_message_at && ` · ${day(last_message_at)}`}
              </Anchor>
            ))}
          </Stack>
        </section>
      )}
    </>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** A value as people read it. */
function shown(value: unknown, kind: string): string {
  if (kind === 'boolean') return common.say(value === true ? 'yes' : 'no');
  if (kind === 'date' && typeof value === 'string') return day(`${value.slice(0, 10)}T12:00:00`);
  return String(value);
}

/** Earlier requests for a person: who served, what was done, what the customer thought. */
export function Earlier({ customer }: { customer: string }) {
  const t = inbox.useText();
  const earlier = useEarlier(customer);
  return (
    <section aria-labelledby="customer-earlier">
      <Title order={3} size="h6" mb="xs" id="customer-earlier">
        {t('earlier')}
      </Title>
      {earlier.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('earlierEmpty')}
        </Text>
      ) : (
        <ul className={classes.earlier}>
          {earlier.map((one) => (
            <li key={one.id} data-testid="earlier">
              <Group justify="space-between" gap={6}>
                <Text size="sm" fw={500}>
                  {one.to_user?.name ?? one.department?.name ?? t('attendant')}
                </Text>
                {one.satisfaction != null && <Stars value={one.satisfaction} />}
              </Group>
              <Text size="xs" c="dimmed">
                {moment(one.ended_at ?? one.at)}
              </Text>
              {one.resolution && <Text size="sm">{one.resolution}</Text>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
