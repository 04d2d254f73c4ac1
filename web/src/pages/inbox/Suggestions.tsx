import { Loader, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react';
import { answer, api } from '../../api/client';
import { useColleagues } from '../../api/directory';
import { me } from '../../api/session';
import { failed } from '../../app/notify';
import { PersonAvatar } from '../../app/PersonAvatar';
import classes from './Composer.module.css';
import { inbox } from './texts';
import { named, type Trigger, triggerAt } from './triggers';

/** Rows that are offered at once. */
const MOST = 8;

interface Option {
  id: string;
  title: string;
  detail: string;
  icon?: ReactNode;
  pick: () => void;
}

export interface Picked {
  /** What stands in the trigger's place from now on. */
  text: string;
  person?: { id: string; name: string };
}

interface Props {
  conversation: string;
  text: string;
  caret: number;
  note: boolean;
  onPick: (trigger: Trigger, picked: Picked) => void;
}

/** Offers canned replies after `/`, and in notes colleagues after `@`. */
export function useSuggestions({ conversation, text, caret, note, onPick }: Props) {
  const t = inbox.useText();
  const id = useId();
  const [dismissed, setDismissed] = useState<number | null>(null);
  const [at, setAt] = useState(0);
  const [rendering, setRendering] = useState(false);
  const found = triggerAt(text, caret, note);
  const trigger = found && found.from !== dismissed ? found : null;
  const canned = useCanned(trigger?.kind === 'canned' ? trigger.word : null);
  const people = useMentionable(trigger?.kind === 'mention');
  const kind = trigger?.kind;
  const word = trigger?.word;

  // biome-ignore lint/correctness/useExhaustiveDependencies: other words, other rows.
  useEffect(() => setAt(0), [kind, word]);
  const none = found === null;
  useEffect(() => {
    if (none) setDismissed(null);
  }, [none]);

  const options: Option[] = [];
  if (trigger?.kind === 'canned') {
    for (const reply of canned) {
      options.push({
        id: reply.id,
        title: `/${reply.shortcut}`,
        detail: reply.text,
        pick: () => {
          setRendering(true);
          void rendered(reply.id, conversation)
            .then((words) => onPick(trigger, { text: words }), failed)
            .finally(() => setRendering(false));
        },
      });
    }
  } else if (trigger) {
    for (const { id: user, full_name, avatar_url } of named(people, trigger.word).slice(0, MOST)) {
      options.push({
        id: user,
        title: full_name,
        detail: '',
        icon: <PersonAvatar size={22} name={full_name} src={avatar_url} />,
        pick: () =>
          onPick(trigger, { text: `@${full_name} `, person: { id: user, name: full_name } }),
      });
    }
  }
  const open = trigger !== null && options.length > 0;
  const active = open ? Math.min(at, options.length - 1) : -1;

  /** Whether the key was for the list. */
  const pressed = (event: KeyboardEvent): boolean => {
    // What was picked is on its way into the text.
    if (rendering && event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      return true;
    }
    if (!open || event.nativeEvent.isComposing) return false;
    switch (event.key) {
      case 'ArrowDown':
        setAt((active + 1) % options.length);
        break;
      case 'ArrowUp':
        setAt((active - 1 + options.length) % options.length);
        break;
      case 'Enter':
      case 'Tab':
        if (event.ctrlKey || event.metaKey || event.shiftKey) return false;
        if (!rendering) options[active]?.pick();
        break;
      case 'Escape':
        setDismissed(trigger.from);
        break;
      default:
        return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  };

  const list = open && (
    <div
      id={id}
      role="listbox"
      aria-label={t(trigger.kind === 'canned' ? 'cannedReplies' : 'colleagues')}
      className={classes.suggestions}
      data-testid="suggestions"
    >
      {options.map((option, index) => (
        <button
          key={option.id}
          id={`${id}-${index}`}
          type="button"
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          className={classes.suggestion}
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onMouseMove={() => index !== active && setAt(index)}
          onClick={option.pick}
        >
          {option.icon}
          <Text span fw={600} size="sm" className={classes.shortcut}>
            {option.title}
          </Text>
          <Text span size="sm" c="dimmed" truncate>
            {option.detail}
          </Text>
          {rendering && index === active && <Loader size={14} ml="auto" aria-hidden />}
        </button>
      ))}
    </div>
  );
  return {
    list,
    pressed,
    field: {
      'aria-autocomplete': 'list' as const,
      'aria-controls': open ? id : undefined,
      'aria-activedescendant': open ? `${id}-${active}` : undefined,
    },
  };
}

/** Replies whose shortcut begins so, or that hold the word. */
function useCanned(word: string | null) {
  const [q] = useDebouncedValue(word, 120);
  const { data } = useQuery({
    queryKey: ['canned-replies', 'offered', q],
    queryFn: ({ signal }) => {
      const query = { q: q || undefined, limit: MOST };
      return answer(api.GET('/api/v1/canned-replies', { params: { query }, signal }));
    },
    enabled: word !== null && q !== null,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  return word === null ? [] : (data?.data ?? []);
}

/** With its variables filled in for this customer. */
async function rendered(id: string, conversation_id: string): Promise<string> {
  const { text } = await answer(
    api.POST('/api/v1/canned-replies/{id}/render', {
      params: { path: { id } },
      body: { conversation_id },
    }),
  );
  return text;
}

/** Colleagues, whether they are here or not. */
function useMentionable(asked: boolean) {
  const { data = [] } = useColleagues(asked);
  return data.filter(({ id }) => id !== me().id);
}
