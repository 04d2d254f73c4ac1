import { Button, Group, Kbd, Text, UnstyledButton } from '@mantine/core';
import { IconMoodSmile, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { me } from '../../api/session';
import type { PendingHandoff } from '../../api/types';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { PageFrame } from '../../app/PageFrame';
import { useShortcuts } from '../../app/shortcuts';
import { useNow } from '../../app/useNow';
import { useQueryParam } from '../../app/useQueryParam';
import { type QueueLine, readyIn, useLines } from '../../conversations/lines';
import { useTakeNext } from '../../conversations/offers';
import { span } from '../../i18n/format';
import { AssignDialog } from './AssignDialog';
import classes from './Queue.module.css';
import { QueueRow } from './QueueRow';
import { useAnswer, useAssign, useQueue } from './queries';
import { queue } from './texts';
import { departmentOf, NO_DEPARTMENT, offerOf } from './waiting';

/** Who waits for a person. */
export default function Queue() {
  const t = queue.useText();
  const navigate = useNavigate();
  const now = useNow();
  const waiting = useQueue();
  const [department, setDepartment] = useQueryParam('department');
  const [assigning, setAssigning] = useState<PendingHandoff | null>(null);
  const open = (row: PendingHandoff) => void navigate(`/inbox/${row.conversation_id}`);
  const take = useAssign(open);
  const reply = useAnswer(open);

  const all = waiting.data?.data ?? [];
  const lines = useLines().data ?? [];
  const shown = department ? all.filter((row) => departmentOf(row) === department) : all;
  // What a colleague is being asked to take stays theirs.
  const next = shown.find((row) => {
    const offer = offerOf(row, now);
    return offer === null || offer.userId === me().id;
  });
  const takes = me().permissions.includes('conversation:attend');
  const takeBest = useTakeNext((id) => void navigate(`/inbox/${id}`));
  const takeNext = () => {
    if (!takes || take.isPending) return;
    if (!department) takeBest();
    else if (next) take.mutate({ row: next });
  };
  useShortcuts([{ keys: 'N', label: t('takeNext'), group: t('keys'), run: takeNext }]);

  const total = waiting.data?.total ?? 0;
  const since = Math.min(...all.map((row) => Date.parse(row.waiting_since)));
  const summary = total
    ? `${t('waiting', { count: total })} · ${t('longest', { span: span(now - since) })}`
    : t('description');
  return (
    <PageFrame
      title={t('title')}
      description={summary}
      wide
      actions={
        takes && (
          <Button
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            rightSection={
              <Kbd size="xs" visibleFrom="sm">
                N
              </Kbd>
            }
            disabled={!next && total <= all.length}
            loading={take.isPending}
            onClick={takeNext}
          >
            {t('takeNext')}
          </Button>
        )
      }
    >
      <Loaded query={waiting} rows={6} height={58}>
        {() => (
          <>
            {lines.length > 1 && (
              <Lines lines={lines} chosen={department} choose={setDepartment} now={now} />
            )}
            {all.length < total && (
              <Text size="sm" c="dimmed">
                {t('firstOf', { shown: all.length, count: total })}
              </Text>
            )}
            {shown.length > 0 ? (
              <ol className={classes.list} aria-label={t('list')}>
                {shown.map((row) => (
                  <QueueRow
                    key={row.id}
                    row={row}
                    now={now}
                    busy={[take, reply].some(
                      (one) => one.isPending && one.variables.row.id === row.id,
                    )}
                    onTake={() => take.mutate({ row })}
                    onAnswer={(takes) => reply.mutate({ row, takes })}
                    onAssign={() => setAssigning(row)}
                  />
                ))}
              </ol>
            ) : (
              <EmptyState
                icon={IconMoodSmile}
                title={all.length > 0 ? t('emptyFilter') : t('empty')}
              >
                {all.length > 0 ? (
                  <>
                    <p>{t('emptyFilterHint')}</p>
                    <Button variant="light" onClick={() => setDepartment(null)}>
                      {t('showAll')}
                    </Button>
                  </>
                ) : (
                  t('emptyHint')
                )}
              </EmptyState>
            )}
          </>
        )}
      </Loaded>
      {assigning && <AssignDialog row={assigning} onClose={() => setAssigning(null)} />}
    </PageFrame>
  );
}

/** The departments' lines, each a switch that shows only its own. */
function Lines({
  lines,
  chosen,
  choose,
  now,
}: {
  lines: readonly QueueLine[];
  chosen: string | null;
  choose: (department: string | null) => void;
  now: number;
}) {
  const t = queue.useText();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a look of its own.
    <div className={classes.lines} role="group" aria-label={t('department')}>
      {lines.map((line) => {
        const id = line.department_id ?? NO_DEPARTMENT;
        const { waiting, longest_since, open, estimate_minutes, people } = line;
        return (
          <UnstyledButton
            key={id}
            className={classes.line}
            aria-pressed={chosen === id}
            onClick={() => choose(chosen === id ? null : id)}
          >
            <Text size="xs" c="dimmed" truncate>
              {line.department_name ?? t('noDepartment')}
            </Text>
            <Group gap={6} align="baseline" wrap="nowrap">
              <Text size="lg" fw={600}>
                {waiting}
              </Text>
              {longest_since && (
                <Text size="xs" c="dimmed">
                  {span(now - Date.parse(longest_since))}
                </Text>
              )}
            </Group>
            <Text size="xs" c="dimmed">
              {open ? t('ready', { count: readyIn(people) }) : t('closed')}
              {open && estimate_minutes != null && ` · ${t('about', { count: estimate_minutes })}`}
            </Text>
          </UnstyledButton>
        );
      })}
    </div>
  );
}
