import { Anchor, Text } from '@mantine/core';
import { IconMoodSmile } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { Link } from 'react-router';
import { usePeople } from '../../api/directory';
import { EmptyState } from '../../app/EmptyState';
import { time } from '../../i18n/format';
import { useFrames } from '../../live/live';
import classes from './Live.module.css';
import { type Move, moveOf, TOLD, withMove } from './moves';
import { live } from './texts';

/** What happens while somebody looks, newest first; `customers` are names by conversation. */
export function Moves({ customers }: { customers: Iterable<readonly [string, string]> }) {
  const t = live.useText();
  const [moves, setMoves] = useState<Move[]>([]);
  const people = new Map(usePeople().data?.map(({ id, full_name }) => [id, full_name]));
  const names = useRef(new Map<string, string>());
  // Those who have gone since keep their names.
  for (const [conversation, name] of customers) names.current.set(conversation, name);
  useFrames(TOLD, (frame) => {
    const move = moveOf(frame);
    if (move) setMoves((now) => withMove(now, move));
  });
  if (moves.length === 0) {
    return (
      <EmptyState icon={IconMoodSmile} title={t('quiet')}>
        {t('quietHint')}
      </EmptyState>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard.
    <ul className={classes.list} tabIndex={0} aria-label={t('moves')} data-testid="moves">
      {moves.map(({ id, kind, conversation, by, at }) => (
        <li key={id} className={classes.line}>
          <Text size="xs" c="dimmed">
            {time(at)}
          </Text>
          <Anchor component={Link} to={`/inbox/${conversation}`} size="sm" className={classes.said}>
            {t(kind, {
              customer: names.current.get(conversation) ?? t('customer'),
              by: (by && people.get(by)) || t('somebody'),
            })}
          </Anchor>
        </li>
      ))}
    </ul>
  );
}
