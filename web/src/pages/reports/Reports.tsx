import { Button, Group, Menu, Text } from '@mantine/core';
import { IconChartBar, IconChevronDown, IconDownload } from '@tabler/icons-react';
import type { Measures } from '../../api/types';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { PageFrame } from '../../app/PageFrame';
import { useQueryParam } from '../../app/useQueryParam';
import { today } from '../../i18n/format';
import { AttendanceTable } from './AttendanceTable';
import { Charts } from './Charts';
import { Filters } from './Filters';
import { periodOf } from './period';
import { type Asked, type GroupBy, groupsOf, useExport, useOverview } from './queries';
import { Tiles } from './Tiles';
import { reports } from './texts';

/** How the attendance went, in figures. */
export default function Reports() {
  const t = reports.useText();
  const [from] = useQueryParam('from');
  const [to] = useQueryParam('to');
  const [preset] = useQueryParam('period');
  const [department] = useQueryParam('department');
  const [channel] = useQueryParam('channel');
  const [person] = useQueryParam('person');
  const [grouped] = useQueryParam('by');
  const period = periodOf({ from, to, period: preset }, today());
  const asked: Asked = {
    from: period.from,
    to: period.to,
    ...(department
      ? { department_id: department }
      : channel
        ? { channel_id: channel }
        : person && { user_id: person }),
  };
  const groups = groupsOf(asked);
  const by = groups.find((one) => one === grouped) ?? groups[0] ?? 'day';
  const overview = useOverview(asked);
  return (
    <PageFrame title={t('title')} wide actions={<Export asked={asked} by={by} />}>
      <Filters period={period} department={department} channel={channel} person={person} />
      <Loaded query={overview} rows={4} height={110}>
        {({ totals, previous, days, period: { timezone } }) => (
          <>
            <Tiles totals={totals} previous={previous} days={days.length} />
            {happened(totals) ? (
              <>
                <Charts days={days} />
                <AttendanceTable asked={asked} by={by} />
              </>
            ) : (
              <EmptyState icon={IconChartBar} title={t('empty')}>
                {t('emptyHint')}
              </EmptyState>
            )}
            <Text size="xs" c="dimmed">
              {t('zone', { zone: timezone })}
            </Text>
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

/** Also what was done for conversations that began before. */
const happened = ({ sessions, ended, attended, messages, satisfaction }: Measures) =>
  sessions + ended + attended + messages.staff + messages.bot + satisfaction.count > 0;

function Export({ asked, by }: { asked: Asked; by: GroupBy }) {
  const t = reports.useText();
  const file = useExport(asked, by);
  return (
    <Group>
      {file.isPending && (
        <Text size="sm" c="dimmed" role="status">
          {t('exporting')}
        </Text>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
            loading={file.isPending}
            data-testid="export"
          >
            {t('export')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => file.mutate('csv')}>{t('csv')}</Menu.Item>
          <Menu.Item onClick={() => file.mutate('json')}>{t('json')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
