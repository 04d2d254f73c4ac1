import { Button, Code, Group, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { rowsOf } from '../../api/directory';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { TablePane } from '../../app/TablePane';
import { useQueryParam } from '../../app/useQueryParam';
import { moment } from '../../i18n/format';
import type { KeyOf } from '../../i18n/texts';
import { Discard } from './Discard';
import { JOB_STATES, type Job, type JobState, useJobs, useRetryJob } from './queries';
import { engine } from './texts';

const KINDS: Record<string, KeyOf<typeof engine>> = {
  fetch_media: 'fetch_media',
  sync_templates: 'sync_templates',
  send_scheduled: 'send_scheduled',
  drop_upload: 'drop_upload',
};

/** Work that is done aside, and what of it was given up. */
export function Jobs() {
  const t = engine.useText();
  const [asked, choose] = useQueryParam('state');
  const state = JOB_STATES.find((one) => one === asked) ?? 'dead';
  const jobs = useJobs(state);
  const rows = rowsOf(jobs.data);
  return (
    <Stack>
      <SegmentedControl
        size="xs"
        aria-label={t('jobState')}
        data={JOB_STATES.map((value) => ({ value, label: t(`job_${value}`) }))}
        value={state}
        onChange={(value) => choose(value === 'dead' ? null : value)}
        style={{ alignSelf: 'start', maxWidth: '100%' }}
      />
      <Loaded query={jobs}>
        {() =>
          rows.length === 0 ? (
            <EmptyState icon={IconChecklist} title={t(state === 'dead' ? 'noDeadJobs' : 'noJobs')}>
              {t('noJobsHint')}
            </EmptyState>
          ) : (
            <>
              <JobTable jobs={rows} state={state} />
              <MoreRows query={jobs} />
            </>
          )
        }
      </Loaded>
    </Stack>
  );
}

function JobTable({ jobs, state }: { jobs: Job[]; state: JobState }) {
  const t = engine.useText();
  const retry = useRetryJob();
  const ended = state === 'dead' || state === 'done';
  return (
    <TablePane>
      <Table data-testid="jobs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('job')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('about')}</Table.Th>
            <Table.Th>{t(ended ? 'endedAt' : 'nextAt')}</Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('attempts')}
            </Table.Th>
            {state === 'dead' && <Table.Th ta="right">{t('retry')}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {jobs.map(({ id, kind, key, next_at, attempts, last_error }) => {
            const known = KINDS[kind];
            return (
              <Table.Tr key={id}>
                <Table.Td>
                  <Text size="sm" fw={600}>
                    {known ? t(known) : kind.replaceAll('_', ' ')}
                  </Text>
                  {last_error && (
                    <Text size="xs" c="dimmed" lineClamp={2} title={last_error}>
                      {last_error}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td visibleFrom="sm">
                  <Code>{key.length > 14 ? `…${key.slice(-12)}` : key}</Code>
                </Table.Td>
                <Table.Td>{moment(next_at)}</Table.Td>
                <Table.Td visibleFrom="sm" ta="right">
                  {attempts}
                </Table.Td>
                {state === 'dead' && (
                  <Table.Td ta="right">
                    <Group gap={4} justify="flex-end" wrap="nowrap">
                      <Discard what="jobs" id={id} />
                      <Button
                        size="compact-sm"
                        variant="light"
                        loading={retry.isPending && retry.variables === id}
                        onClick={() => retry.mutate(id)}
                      >
                        {t('retry')}
                      </Button>
                    </Group>
                  </Table.Td>
                )}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </TablePane>
  );
}
