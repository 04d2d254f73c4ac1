import { Badge, Group, Radio, Select, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useNow } from '../../app/useNow';
import { Holidays } from './Holidays';
import { type HoursDraft, type Mode, type Standing, standingAt } from './hours';
import { departments, weekday } from './texts';
import { Week } from './Week';

/** Opening times: when, in which zone, and on which days not. */
export function HoursEditor({
  draft,
  onChange,
  title,
  company,
  actions,
}: {
  draft: HoursDraft;
  onChange: (draft: HoursDraft) => void;
  title: string;
  /** Whose hours may be followed; the company itself follows nobody. */
  company?: HoursDraft;
  actions?: ReactNode;
}) {
  const t = departments.useText();
  const now = useNow(30_000);
  const standing = standingAt(draft.mode === 'follow' ? (company ?? draft) : draft, new Date(now));
  const modes: Mode[] = company ? ['follow', 'always', 'weekly'] : ['always', 'weekly'];
  const patch = (change: Partial<HoursDraft>) => onChange({ ...draft, ...change });
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="xs">
        <Group gap="sm">
          <Title order={2} size="h5">
            {title}
          </Title>
          {actions}
        </Group>
        <Badge
          color={standing.open ? 'green' : 'gray'}
          variant="light"
          size="lg"
          data-testid="standing"
        >
          {wordsOf(standing)}
        </Badge>
      </Group>
      <Radio.Group
        label={t('mode')}
        value={draft.mode}
        onChange={(mode) => patch({ mode: mode as Mode })}
      >
        <Group gap="lg" mt={6}>
          {modes.map((mode) => (
            <Radio key={mode} value={mode} label={t(mode)} />
          ))}
        </Group>
      </Radio.Group>
      {draft.mode === 'weekly' && <Week draft={draft} onChange={(days) => patch({ days })} />}
      {draft.mode !== 'follow' && (
        <>
          <Holidays holidays={draft.holidays} onChange={(holidays) => patch({ holidays })} />
          <Select
            label={t('zone')}
            description={t('zoneHint')}
            data={zones(draft.timezone)}
            value={draft.timezone}
            onChange={(timezone) => timezone && patch({ timezone })}
            allowDeselect={false}
            searchable
            limit={60}
            maw={360}
          />
        </>
      )}
    </Stack>
  );
}

/** Brazil's zones first. */
const BRAZIL = [
  'America/Sao_Paulo',
  'America/Manaus',
  'America/Cuiaba',
  'America/Fortaleza',
  'America/Recife',
  'America/Bahia',
  'America/Belem',
  'America/Campo_Grande',
  'America/Porto_Velho',
  'America/Rio_Branco',
  'America/Noronha',
];

function zones(chosen: string): string[] {
  return [...new Set([chosen, ...BRAZIL, ...Intl.supportedValuesOf('timeZone')])];
}

function wordsOf(standing: Standing): string {
  const t = departments.say;
  if (standing.open) {
    return standing.until ? t('openUntil', { time: standing.until }) : t('openNow');
  }
  if (!standing.opens) return t('closedNow');
  const { ahead, weekday: day, time } = standing.opens;
  if (ahead === 0) return t('opensToday', { time });
  if (ahead === 1) return t('opensTomorrow', { time });
  return t('opensOn', { day: weekday(day), time });
}
