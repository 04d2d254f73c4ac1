import { Group, Paper, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from '@tabler/icons-react';
import type { Measures } from '../../api/types';
import { changeOf, duration, said, type Unit } from './figures';
import classes from './Reports.module.css';
import { reports } from './texts';

interface Tile {
  name:
    | 'sessions'
    | 'resolution'
    | 'containment'
    | 'waiting'
    | 'first_answer'
    | 'handling'
    | 'transfers'
    | 'satisfaction';
  unit: Unit;
  value: (measures: Measures) => number | null | undefined;
  /** More of it is good, bad, or neither. */
  more: 'good' | 'bad' | 'neither';
  note?: (measures: Measures) => string | null;
}

const within = (p90: number | null | undefined) =>
  p90 == null ? null : reports.say('p90', { span: duration(p90) });

const TILES: readonly Tile[] = [
  { name: 'sessions', unit: 'count', value: (m) => m.sessions, more: 'neither' },
  {
    name: 'waiting',
    unit: 'seconds',
    value: (m) => m.waiting.median_seconds,
    more: 'bad',
    note: (m) => within(m.waiting.p90_seconds),
  },
  {
    name: 'first_answer',
    unit: 'seconds',
    value: (m) => m.first_answer.median_seconds,
    more: 'bad',
    note: (m) => within(m.first_answer.p90_seconds),
  },
  {
    name: 'handling',
    unit: 'seconds',
    value: (m) => m.handling.median_seconds,
    more: 'neither',
    note: (m) => within(m.handling.p90_seconds),
  },
  { name: 'resolution', unit: 'rate', value: (m) => m.resolution_rate, more: 'good' },
  { name: 'containment', unit: 'rate', value: (m) => m.containment_rate, more: 'good' },
  { name: 'transfers', unit: 'count', value: (m) => m.transfers, more: 'bad' },
  {
    name: 'satisfaction',
    unit: 'stars',
    value: (m) => m.satisfaction.average,
    more: 'good',
    note: (m) =>
      m.satisfaction.count > 0 ? reports.say('ratings', { count: m.satisfaction.count }) : null,
  },
];

/** The figures that matter most, each against the period before. */
export function Tiles({
  totals,
  previous,
  days,
}: {
  totals: Measures;
  previous: Measures;
  /** Of the period. */
  days: number;
}) {
  const t = reports.useText();
  const against = days === 1 ? t('againstDay') : t('against', { count: days });
  return (
    <section className={classes.tiles} aria-label={t('summary')}>
      {TILES.map((tile) => {
        const value = tile.value(totals);
        return (
          <Paper
            key={tile.name}
            withBorder
            p="md"
            title={t(`${tile.name}Hint`)}
            data-testid={`tile-${tile.name}`}
          >
            <Text size="sm" c="dimmed">
              {t(tile.name)}
            </Text>
            <div className={classes.figure}>{said(value, tile.unit)}</div>
            <Moved tile={tile} totals={totals} previous={previous} against={against} />
            <Text size="xs" c="dimmed" mt={2} mih={18}>
              {value == null ? t('notMeasured') : tile.note?.(totals)}
            </Text>
          </Paper>
        );
      })}
    </section>
  );
}

const ARROWS = { up: IconArrowUpRight, down: IconArrowDownRight, same: IconArrowRight };

function Moved({
  tile,
  totals,
  previous,
  against,
}: {
  tile: Tile;
  totals: Measures;
  previous: Measures;
  against: string;
}) {
  const t = reports.useText();
  const change = changeOf(tile.value(totals), tile.value(previous), tile.unit);
  if (!change) return null;
  const Arrow = ARROWS[change.direction];
  const better = change.direction === (tile.more === 'good' ? 'up' : 'down');
  const plain = tile.more === 'neither' || change.direction === 'same';
  const tone = plain ? undefined : better ? classes.good : classes.bad;
  return (
    <Group gap={4} className={tone} title={against} c={plain ? 'dimmed' : undefined}>
      <Arrow size={16} aria-hidden />
      <Text size="sm" fw={500} component="span">
        {change.text}
      </Text>
      <VisuallyHidden>
        {t(change.direction)}, {against}
      </VisuallyHidden>
    </Group>
  );
}
