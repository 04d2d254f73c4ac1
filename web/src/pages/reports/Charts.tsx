import { BarChart, LineChart } from '@mantine/charts';
import { Paper, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Overview } from '../../api/types';
import { language } from '../../i18n/i18n';
import classes from './Reports.module.css';
import { reports } from './texts';

type Days = Overview['days'];
const HEIGHT = 240;

/** The period day by day. */
export function Charts({ days }: { days: Days }) {
  const t = reports.useText();
  const minutes = (seconds: number | null | undefined) =>
    seconds == null ? null : Math.round((seconds / 60) * 10) / 10;
  const rows = days.map((day) => ({
    day: shortDay(day.day),
    contained: day.contained,
    handoffs: day.handoffs,
    others: Math.max(0, day.sessions - day.contained - day.handoffs),
    inbound: day.messages.inbound,
    bot: day.messages.bot,
    staff: day.messages.staff,
    waiting: minutes(day.waiting.median_seconds),
    answer: minutes(day.first_answer.median_seconds),
  }));
  const common = {
    h: HEIGHT,
    data: rows,
    dataKey: 'day',
    withLegend: true,
    legendProps: { verticalAlign: 'bottom' as const, height: 40 },
    valueFormatter: (value: number) => value.toLocaleString(language()),
    xAxisProps: { minTickGap: 24 },
  };
  return (
    <div className={classes.charts}>
      <Chart title={t('volume')}>
        <BarChart
          {...common}
          type="stacked"
          series={[
            { name: 'handoffs', label: t('handoffs'), color: 'blue.6' },
            { name: 'contained', label: t('contained'), color: 'brand.6' },
            { name: 'others', label: t('others'), color: 'gray.5' },
          ]}
        />
      </Chart>
      <Chart title={t('speed')}>
        <LineChart
          {...common}
          curveType="monotone"
          connectNulls={false}
          withDots={days.length <= 31}
          series={[
            { name: 'waiting', label: t('waitingSeries'), color: 'orange.6' },
            { name: 'answer', label: t('answerSeries'), color: 'blue.6' },
          ]}
        />
      </Chart>
      <Chart title={t('messages')}>
        <BarChart
          {...common}
          type="stacked"
          series={[
            { name: 'inbound', label: t('inbound'), color: 'gray.6' },
            { name: 'bot', label: t('bot'), color: 'brand.6' },
            { name: 'staff', label: t('staff'), color: 'blue.6' },
          ]}
        />
      </Chart>
    </div>
  );
}

function Chart({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="figure" m={0} aria-label={title}>
      <Title order={2} size="h6" mb="sm">
        {title}
      </Title>
      {children}
    </Paper>
  );
}

/** 05/03 */
function shortDay(day: string): string {
  return new Intl.DateTimeFormat(language(), {
    day: '2-digit',
    month: '2-digit',
    timeZone: 'UTC',
  }).format(new Date(`${day}T12:00:00Z`));
}
