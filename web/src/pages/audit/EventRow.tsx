import { Anchor, Avatar, Badge, Code, Group, Table, Text } from '@mantine/core';
import { IconChevronRight, IconQuestionMark } from '@tabler/icons-react';
import { common } from '../../i18n/common';
import { moment, time } from '../../i18n/format';
import classes from './Audit.module.css';
import { actionKey, CATEGORIES, isGrave, kindKey } from './actions';
import { changesOf, shown } from './changes';
import type { AuditEvent } from './queries';
import { audit, fieldKey } from './texts';

type Filter = (change: Record<string, string | null>) => void;

/** An entry; opened, all that is known of it. */
export function EventRow({
  event,
  names,
  onFilter,
}: {
  event: AuditEvent;
  names: ReadonlyMap<string, string>;
  onFilter: Filter;
}) {
  const t = audit.useText();
  const known = actionKey(event.action);
  const who = event.actor_name ?? t('nobody');
  const category = CATEGORIES.find((one) => one === event.category);
  return (
    <li className={classes.row} data-testid="audit-event">
      <details>
        <summary className={classes.summary}>
          <IconChevronRight size={16} className={classes.mark} aria-hidden />
          <Avatar
            size={28}
            radius="xl"
            name={event.actor_name ?? undefined}
            color="initials"
            alt=""
          >
            {!event.actor_name && <IconQuestionMark size={16} />}
          </Avatar>
          <span className={classes.words}>
            <strong>{who}</strong> {known ? t(known) : event.action.replaceAll('_', ' ')}
            <ObjectName event={event} names={names} />
          </span>
          {isGrave(event.action) ? (
            <Badge color="red" variant="light" className={classes.badge}>
              {t('grave')}
            </Badge>
          ) : (
            <Text size="xs" c="dimmed" className={classes.badge}>
              {category ? t(category) : event.category}
            </Text>
          )}
          <time className={classes.time} dateTime={event.at} title={moment(event.at)}>
            {time(event.at)}
          </time>
        </summary>
        <Details event={event} names={names} onFilter={onFilter} />
      </details>
    </li>
  );
}

/** What it was done to, where that is not who did it. */
function ObjectName({ event, names }: { event: AuditEvent; names: ReadonlyMap<string, string> }) {
  const { object_kind: kind, object_id: id, actor_id } = event;
  const after = event.after as Record<string, unknown> | null | undefined;
  if (!kind || !id || kind === 'session' || id === actor_id) return null;
  const written = after?.name ?? after?.full_name;
  const name = names.get(id) ?? (typeof written === 'string' ? written : null);
  return name ? <span className={classes.object}>{name}</span> : null;
}

function Details({
  event,
  names,
  onFilter,
}: {
  event: AuditEvent;
  names: ReadonlyMap<string, string>;
  onFilter: Filter;
}) {
  const t = audit.useText();
  const word = common.useText();
  const words = { yes: word('yes'), no: word('no'), nothing: '—' };
  const changes = changesOf(event.before, event.after);
  const { actor_id, object_kind: kind, object_id: object } = event;
  const kindWord = kind && kindKey(kind);
  const facts: [string, string | null | undefined][] = [
    [t('at'), moment(event.at)],
    [t('address'), event.address],
    [t('device'), event.user_agent],
    [t('request'), event.request_id],
  ];
  return (
    <div className={classes.details}>
      {changes.length > 0 && (
        <Table withRowBorders={false} className={classes.changes}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('field')}</Table.Th>
              {event.before && <Table.Th>{t('before')}</Table.Th>}
              <Table.Th>{t(event.before ? 'after' : 'value')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map(({ field, before, after }) => {
              const label = fieldKey(field);
              return (
                <Table.Tr key={field}>
                  <Table.Td>{label ? t(label) : <Code>{field}</Code>}</Table.Td>
                  {event.before && <Table.Td c="dimmed">{shown(before, names, words)}</Table.Td>}
                  <Table.Td>{shown(after, names, words)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      )}
      <dl className={classes.facts}>
        {facts.map(
          ([label, value]) =>
            value && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <Group gap="md">
        {actor_id && (
          <Anchor component="button" size="sm" onClick={() => onFilter({ actor: actor_id })}>
            {t('onlyActor', { name: event.actor_name ?? '' })}
          </Anchor>
        )}
        {kind && object && kind !== 'session' && (
          <Anchor component="button" size="sm" onClick={() => onFilter({ kind, object })}>
            {t('onlyObject', { kind: kindWord ? t(kindWord).toLocaleLowerCase() : kind })}
          </Anchor>
        )}
      </Group>
    </div>
  );
}
