import { Button, Group, Paper, Pill, Select, Text, Title } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { rowsOf, usePeople } from '../../api/directory';
import { DaysInput } from '../../app/DaysInput';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { PageFrame } from '../../app/PageFrame';
import { useQueryParams } from '../../app/useQueryParam';
import { day, dayKey, today } from '../../i18n/format';
import classes from './Audit.module.css';
import { ACTIONS, CATEGORIES, kindKey } from './actions';
import { EventRow } from './EventRow';
import { type AuditEvent, type AuditFilter, useAudit, useNames } from './queries';
import { audit } from './texts';

const FILTERS = ['actor', 'category', 'action', 'kind', 'object', 'from', 'to'] as const;

/** Who did what. */
export default function Audit() {
  const t = audit.useText();
  const [params, set] = useQueryParams();
  const filter = Object.fromEntries(
    FILTERS.map((name) => [name, params.get(name)]),
  ) as unknown as AuditFilter;
  const events = useAudit(filter);
  const names = useNames();
  const rows = rowsOf(events.data);
  const filtered = FILTERS.some((name) => filter[name] !== null);
  const clear = () => set(Object.fromEntries(FILTERS.map((name) => [name, null])));
  return (
    <PageFrame title={t('title')} description={t('description')} wide>
      <Filters filter={filter} set={set} names={names} />
      <Loaded query={events} rows={8} height={48}>
        {() =>
          rows.length === 0 ? (
            <EmptyState icon={IconHistory} title={t(filtered ? 'nothing' : 'empty')}>
              {t(filtered ? 'nothingHint' : 'emptyHint')}
              {filtered && (
                <Button variant="light" mt="sm" onClick={clear}>
                  {t('clear')}
                </Button>
              )}
            </EmptyState>
          ) : (
            <>
              {byDay(rows).map(([key, entries]) => (
                <section key={key}>
                  <Title order={2} className={classes.day}>
                    {day(entries[0]?.at ?? key)}
                  </Title>
                  <Paper withBorder component="ul" className={classes.list}>
                    {entries.map((event) => (
                      <EventRow key={event.id} event={event} names={names} onFilter={set} />
                    ))}
                  </Paper>
                </section>
              ))}
              <MoreRows query={events} />
              <Text size="xs" c="dimmed">
                {t('kept')}
              </Text>
            </>
          )
        }
      </Loaded>
    </PageFrame>
  );
}

/** The entries of each day, in their order. */
function byDay(rows: AuditEvent[]): [string, AuditEvent[]][] {
  const days = new Map<string, AuditEvent[]>();
  for (const row of rows) {
    const key = dayKey(row.at);
    const entries = days.get(key);
    if (entries) entries.push(row);
    else days.set(key, [row]);
  }
  return [...days];
}

function Filters({
  filter,
  set,
  names,
}: {
  filter: AuditFilter;
  set: (change: Record<string, string | null>) => void;
  names: ReadonlyMap<string, string>;
}) {
  const t = audit.useText();
  const people = usePeople().data ?? [];
  const { actor, category, action, kind, object, from, to } = filter;
  const known = people.map(({ id, full_name }) => ({ value: id, label: full_name }));
  // Somebody who left has entries, too.
  const absent = actor && !known.some(({ value }) => value === actor);
  const shownKind = kind && kindKey(kind);
  return (
    <Group gap="sm">
      <Select
        aria-label={t('who')}
        placeholder={t('everybody')}
        data={absent ? [...known, { value: actor, label: t('somebodyElse') }] : known}
        value={actor}
        onChange={(value) => set({ actor: value })}
        searchable
        clearable
        className={classes.filter}
      />
      <Select
        aria-label={t('category')}
        placeholder={t('everyCategory')}
        data={CATEGORIES.map((value) => ({ value, label: t(value) }))}
        value={category}
        onChange={(value) => set({ category: value, action: null })}
        clearable
        className={classes.filter}
      />
      <Select
        aria-label={t('action')}
        placeholder={t('everyAction')}
        data={CATEGORIES.filter((one) => !category || one === category).map((one) => ({
          group: t(one),
          items: ACTIONS[one].map((value) => ({ value, label: capital(t(value)) })),
        }))}
        value={action}
        onChange={(value) => set({ action: value })}
        searchable
        clearable
        className={classes.filter}
      />
      <DaysInput
        key={`${from}:${to}`}
        label={t('period')}
        from={from}
        to={to}
        last={today()}
        clearable
        onChange={set}
      />
      {kind && (
        <Pill
          size="lg"
          withRemoveButton
          removeButtonProps={{ 'aria-label': t('clearObject'), 'aria-hidden': false, tabIndex: 0 }}
          onRemove={() => set({ kind: null, object: null })}
        >
          {[shownKind ? t(shownKind) : kind, object && (names.get(object) ?? object.slice(-8))]
            .filter(Boolean)
            .join(': ')}
        </Pill>
      )}
    </Group>
  );
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
