import { Group, Paper, SegmentedControl, Table, Title, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useState } from 'react';
import type { AttendanceRow } from '../../api/types';
import { Loaded } from '../../app/Loaded';
import { useQueryParam } from '../../app/useQueryParam';
import { language } from '../../i18n/i18n';
import type { KeyOf } from '../../i18n/texts';
import { said, type Unit } from './figures';
import { type Asked, type GroupBy, groupsOf, useAttendance } from './queries';
import classes from './Reports.module.css';
import { reports } from './texts';

interface Column {
  name: KeyOf<typeof reports>;
  unit: Unit;
  value: (row: AttendanceRow) => number | null | undefined;
}

const SATISFACTION: Column = {
  name: 'satisfaction',
  unit: 'stars',
  value: (row) => row.satisfaction.average,
};

/** What people do. */
const OF_PEOPLE: readonly Column[] = [
  { name: 'attended', unit: 'count', value: (row) => row.attended },
  { name: 'closed', unit: 'count', value: (row) => row.closed },
  { name: 'handedOn', unit: 'count', value: (row) => row.handed_on },
  { name: 'sent', unit: 'count', value: (row) => row.sent },
  { name: 'ownAnswer', unit: 'seconds', value: (row) => row.own_answer.median_seconds },
  { name: 'ownAnswerP90', unit: 'seconds', value: (row) => row.own_answer.p90_seconds },
  { name: 'handlingShort', unit: 'seconds', value: (row) => row.handling.median_seconds },
  SATISFACTION,
];

/** What happens in places and on days. */
const OF_PLACES: readonly Column[] = [
  { name: 'sessions', unit: 'count', value: (row) => row.sessions },
  { name: 'resolution', unit: 'rate', value: (row) => row.resolution_rate },
  { name: 'containment', unit: 'rate', value: (row) => row.containment_rate },
  { name: 'transfers', unit: 'count', value: (row) => row.transfers },
  { name: 'waitingShort', unit: 'seconds', value: (row) => row.waiting.median_seconds },
  { name: 'waitingP90', unit: 'seconds', value: (row) => row.waiting.p90_seconds },
  { name: 'first_answer', unit: 'seconds', value: (row) => row.first_answer.median_seconds },
  SATISFACTION,
];

/** The period by attendant, department, channel or day. */
export function AttendanceTable({ asked, by }: { asked: Asked; by: GroupBy }) {
  const t = reports.useText();
  const [, group] = useQueryParam('by');
  const attendance = useAttendance(asked, by);
  return (
    <Paper withBorder p="md" component="section" aria-label={t('table')}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h6">
          {t('table')}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={t('by')}
          value={by}
          onChange={group}
          data={groupsOf(asked).map((value) => ({ value, label: t(value) }))}
        />
      </Group>
      <Loaded query={attendance}>{({ rows }) => <Rows key={by} rows={rows} by={by} />}</Loaded>
    </Paper>
  );
}

interface Order {
  column: Column;
  falling: boolean;
}

function Rows({ rows, by }: { rows: AttendanceRow[]; by: GroupBy }) {
  const t = reports.useText();
  const columns = by === 'attendant' ? OF_PEOPLE : OF_PLACES;
  const [order, setOrder] = useState<Order | null>(null);
  const shown = order ? sorted(rows, order) : rows;
  return (
    <Table.ScrollContainer minWidth={820}>
      <Table verticalSpacing="xs" highlightOnHover data-testid="attendance">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t(by)}</Table.Th>
            {columns.map((column) => {
              const mine = order?.column === column ? order : null;
              return (
                <Table.Th
                  key={column.name}
                  className={classes.number}
                  aria-sort={mine ? (mine.falling ? 'descending' : 'ascending') : undefined}
                >
                  <UnstyledButton
                    fz="sm"
                    fw={600}
                    onClick={() => setOrder({ column, falling: mine ? !mine.falling : true })}
                  >
                    {t(column.name)}
                    {mine &&
                      (mine.falling ? (
                        <IconArrowDown size={12} aria-hidden />
                      ) : (
                        <IconArrowUp size={12} aria-hidden />
                      ))}
                  </UnstyledButton>
                </Table.Th>
              );
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((row) => (
            <Table.Tr key={row.id ?? row.name ?? ''}>
              <Table.Td>{nameOf(row, by)}</Table.Td>
              {columns.map(({ name, unit, value }) => (
                <Table.Td key={name} className={classes.number}>
                  {said(value(row), unit)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What was not measured comes last, whichever way. */
function sorted(rows: AttendanceRow[], { column, falling }: Order): AttendanceRow[] {
  const way = falling ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [column.value(one), column.value(other)];
    if (a == null || b == null) return Number(a == null) - Number(b == null);
    return (a - b) * way;
  });
}

const NAMELESS: Record<GroupBy, KeyOf<typeof reports>> = {
  attendant: 'nobody',
  department: 'noDepartment',
  channel: 'noChannel',
  day: 'day',
};

function nameOf(row: AttendanceRow, by: GroupBy): string {
  if (by !== 'day') return row.name ?? reports.say(NAMELESS[by]);
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeZone: 'UTC' }).format(
    new Date(`${row.name}T12:00:00Z`),
  );
}
