import { Select, Textarea } from '@mantine/core';
import { type Flow, inOrder, variablesOf } from './flow';
import { bot } from './texts';

/** The most characters of a text in WhatsApp; of one with buttons it is 1,024. */
const TEXT_MAX = 4096;

/** What is said, with what may be filled in. */
export function TextField({
  flow,
  label,
  hint,
  value,
  onChange,
  error,
}: {
  flow: Flow;
  label?: string;
  hint?: string;
  value: string;
  onChange: (text: string) => void;
  error: string | undefined;
}) {
  const t = bot.useText();
  const names = ['name', ...variablesOf(flow)].map((name) => `{${name}}`).join(', ');
  const variables = t('variablesHint', { names });
  return (
    <Textarea
      label={label ?? t('text')}
      description={hint ? `${hint} ${variables}` : variables}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      autosize
      minRows={3}
      maxRows={12}
      maxLength={TEXT_MAX}
    />
  );
}

/** Where it goes on. */
export function NextSelect({
  flow,
  label,
  value,
  onChange,
  error,
  hideLabel,
}: {
  flow: Flow;
  label: string;
  value: string;
  onChange: (next: string) => void;
  error: string | undefined;
  hideLabel?: boolean;
}) {
  const t = bot.useText();
  return (
    <Select
      label={hideLabel ? undefined : label}
      aria-label={label}
      placeholder={t('choose')}
      data={inOrder(flow).map(({ id }) => id)}
      value={value in flow.nodes ? value : null}
      onChange={(next) => onChange(next ?? '')}
      error={error}
      allowDeselect={false}
      searchable
    />
  );
}
