import { Button, Group, NavLink, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { moment } from '../../i18n/format';
import { inbox } from './texts';
import { fieldOf, type Time, timeIn } from './times';

/** A time that is offered, or any other. */
export function WhenPicker({
  times,
  verb,
  refused,
  busy,
  onPick,
}: {
  times: (now: Date) => Time[];
  /** What the button of another time says. */
  verb: string;
  /** Why a time cannot be taken. */
  refused: (at: Date, now: Date) => string | null;
  busy?: boolean;
  onPick: (at: Date) => void;
}) {
  const t = inbox.useText();
  const [own, setOwn] = useState('');
  const [now] = useState(() => new Date());
  const chosen = timeIn(own);
  const problem = chosen && refused(chosen, now);
  return (
    <>
      {times(now).map(({ key, at }) => (
        <NavLink
          key={key}
          component="button"
          label={t(key)}
          disabled={busy}
          rightSection={
            <Text size="xs" c="dimmed">
              {moment(at.toISOString())}
            </Text>
          }
          onClick={() => onPick(at)}
        />
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen && !problem) onPick(chosen);
        }}
      >
        <Group align="flex-end" mt="sm" wrap="nowrap">
          <TextInput
            type="datetime-local"
            label={t('anotherTime')}
            min={fieldOf(now)}
            value={own}
            error={problem}
            onChange={(event) => setOwn(event.currentTarget.value)}
            flex={1}
          />
          <Button type="submit" disabled={!chosen || problem !== null} loading={busy}>
            {verb}
          </Button>
        </Group>
      </form>
    </>
  );
}
