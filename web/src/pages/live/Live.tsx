import { Anchor, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Loaded } from '../../app/Loaded';
import { PageFrame } from '../../app/PageFrame';
import { useNow } from '../../app/useNow';
import { readyIn, serversOf, useLines } from '../../conversations/lines';
import { useStats } from '../../conversations/stats';
import { phone, span } from '../../i18n/format';
import classes from './Live.module.css';
import { Moves } from './Moves';
import { People } from './People';
import { useKeptUpToDate, useLed, useWaiting } from './queries';
import { live } from './texts';

/** The attendance at this moment, for those who steer it. */
export default function Live() {
  const t = live.useText();
  const now = useNow();
  useKeptUpToDate();
  const waiting = useWaiting();
  const stats = useStats().data;
  const led = useLed().data?.data ?? [];
  const lines = useLines();
  const people = serversOf(lines.data ?? []);
  const rows = waiting.data?.data ?? [];
  const since = Math.min(...rows.map(({ waiting_since }) => Date.parse(waiting_since)));
  const customers = [
    ...rows.map(
      (row) => [row.conversation_id, row.customer_name || phone(row.phone_number)] as const,
    ),
    ...led.map(
      ({ id, customer: { name, phone: number, address } }) =>
        [id, name || phone(number ?? address)] as const,
    ),
  ];
  return (
    <PageFrame title={t('title')} description={t('description')} wide>
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
        <Tile
          name={t('waiting')}
          value={waiting.data?.total ?? '–'}
          note={
            rows.length > 0
              ? t('longest', { span: span(now - since) })
              : waiting.isSuccess
                ? t('nobodyWaits')
                : undefined
          }
        />
        <Tile name={t('human')} value={stats?.modes.human ?? '–'} />
        <Tile name={t('bot')} value={stats?.modes.bot ?? '–'} />
        <Tile
          name={t('online')}
          value={lines.isSuccess ? people.filter(({ online }) => online).length : '–'}
          note={lines.isSuccess ? t('ready', { count: readyIn(people) }) : undefined}
        />
      </SimpleGrid>
      <div className={classes.grid}>
        <Section title={t('queue')}>
          <Loaded query={waiting} rows={3} height={24}>
            {({ data }) =>
              data.length === 0 && (
                <Text size="sm" c="dimmed">
                  {t('nobodyWaits')}
                </Text>
              )
            }
          </Loaded>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard. */}
          <ol className={classes.list} tabIndex={0} aria-label={t('queue')}>
            {rows.slice(0, 12).map((row) => (
              <li key={row.id} className={classes.line}>
                <Anchor
                  component={Link}
                  to={`/inbox/${row.conversation_id}`}
                  size="sm"
                  flex={1}
                  truncate
                >
                  {row.customer_name || phone(row.phone_number)}
                </Anchor>
                <Text size="sm" c="dimmed" truncate>
                  {row.department_name}
                </Text>
                <Text size="sm" fw={600}>
                  {span(now - Date.parse(row.waiting_since))}
                </Text>
              </li>
            ))}
          </ol>
          <Anchor component={Link} to="/queue" size="sm" mt="xs" display="inline-block">
            {t('wholeQueue')}
          </Anchor>
        </Section>
        <Section title={t('people')}>
          <Loaded query={lines} rows={3} height={40}>
            {() => <People people={people} conversations={led} />}
          </Loaded>
        </Section>
        <Section title={t('moves')}>
          <Moves customers={customers} />
        </Section>
      </div>
    </PageFrame>
  );
}

function Tile({ name, value, note }: { name: string; value: number | string; note?: string }) {
  return (
    <Paper withBorder p="md">
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text fz="1.6rem" fw={650} lh={1.25}>
        {value}
      </Text>
      <Text size="xs" c="dimmed" mih={18}>
        {note}
      </Text>
    </Paper>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section">
      <Title order={2} size="h6" mb="xs">
        {title}
      </Title>
      {children}
    </Paper>
  );
}
