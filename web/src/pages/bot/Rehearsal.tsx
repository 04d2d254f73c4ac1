import { ActionIcon, Button, Group, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconRefresh, IconSend } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiError, wordsOf } from '../../api/errors';
import classes from './Bot.module.css';
import type { Flow } from './flow';
import { Bubble } from './PhonePreview';
import { rehearse, type Said, type Told, type Turn } from './queries';
import { bot } from './texts';

/** As many as are played. */
const SAID_MAX = 50;

/** A conversation with the flow as it is written; nobody is told anything. */
export function Rehearsal({ flow }: { flow: Flow }) {
  const t = bot.useText();
  const [said, setSaid] = useState<Said[]>([]);
  const [text, setText] = useState('');
  // Played anew when the flow changes, but not at every letter.
  const [played] = useDebouncedValue(flow, 400);
  const name = t('exampleName');
  const query = useQuery({
    queryKey: ['bot', 'rehearsal', played, said],
    queryFn: () => rehearse(played, said, name),
    enabled: said.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  const turns = said.length > 0 ? (query.data ?? []) : [];
  const mode = turns.length === said.length ? turns.at(-1)?.mode : undefined;
  const over = mode === 'waiting' || mode === 'closed' || said.length >= SAID_MAX;
  const end = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said last is looked at.
  useEffect(() => {
    const log = end.current?.parentElement;
    if (log) log.scrollTop = log.scrollHeight;
  }, [turns.length, said.length, query.dataUpdatedAt]);
  const say = (one: Said) => setSaid((before) => [...before, one]);
  const fault = query.error && (isFault(query.error) ? t('rehearsalFaults') : wordsOf(query.error));
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard. */}
      <div className={classes.talk} role="log" aria-label={t('rehearsal')} tabIndex={0}>
        {said.length === 0 && (
          <Text size="sm" ta="center" c="light-dark(#4a5257, #b9c5cb)">
            {t('rehearsalHint')}
          </Text>
        )}
        {said.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was said has no name but its place.
          <div key={at} className={classes.turn}>
            <div className={classes.said}>{one.text}</div>
            <Answer turn={turns[at]} onChoose={at === said.length - 1 && !over ? say : undefined} />
          </div>
        ))}
        {(mode === 'waiting' || mode === 'closed') && (
          <Text size="xs" ta="center" c="light-dark(#4a5257, #b9c5cb)" data-testid="rehearsal-end">
            {t(mode === 'waiting' ? 'rehearsalWaiting' : 'rehearsalClosed')}
          </Text>
        )}
        <div ref={end} />
      </div>
      {fault && (
        <Text size="sm" c="red" role="alert" mt="xs">
          {fault}
        </Text>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const words = text.trim();
          if (words === '' || over) return;
          say({ text: words });
          setText('');
        }}
      >
        <Group gap="xs" mt="xs" wrap="nowrap">
          <TextInput
            aria-label={t('rehearsalInput')}
            placeholder={t('rehearsalInput')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            disabled={over}
            maxLength={4096}
            flex={1}
            data-testid="rehearsal-input"
          />
          <ActionIcon
            type="submit"
            size={36}
            variant="filled"
            color="brand"
            aria-label={t('rehearsalSend')}
            disabled={over}
            loading={query.isFetching}
          >
            <IconSend size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </form>
      {said.length > 0 && (
        <Button
          mt="xs"
          size="compact-sm"
          variant="subtle"
          leftSection={<IconRefresh size={14} aria-hidden />}
          onClick={() => setSaid([])}
        >
          {t('rehearsalAgain')}
        </Button>
      )}
    </>
  );
}

function isFault(error: unknown): boolean {
  return error instanceof ApiError && error.status === 422;
}

function Answer({
  turn,
  onChoose,
}: {
  turn: Turn | undefined;
  /** Where something may be tapped. */
  onChoose?: (said: Said) => void;
}) {
  if (!turn) return null;
  return turn.told.map((told, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: messages have no names but their places.
    <Message key={at} told={told} onChoose={onChoose} />
  ));
}

function Message({ told, onChoose }: { told: Told; onChoose?: (said: Said) => void }) {
  const { header, footer, buttons, sections } = told.content;
  const choices = buttons ?? sections?.flatMap(({ rows }) => rows) ?? [];
  return (
    <Bubble text={told.text} header={header ?? undefined} footer={footer ?? undefined}>
      {choices.map(({ id, title, description }) => (
        <button
          key={id}
          type="button"
          className={classes.tap}
          disabled={!onChoose}
          onClick={() => onChoose?.({ text: title, choice: id })}
        >
          {title}
          {description && <span className={classes.footer}>{description}</span>}
        </button>
      ))}
    </Bubble>
  );
}
