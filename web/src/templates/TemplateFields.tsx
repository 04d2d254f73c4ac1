import { Alert, Group, Stack, Text, TextInput } from '@mantine/core';
import type { Slot } from './form';
import { languageName } from './names';
import { Preview } from './Preview';
import { templates } from './texts';
import type { Filling } from './useFilling';

/** What goes into the gaps of a template, and what the customer reads then. */
export function TemplateFields({ filling }: { filling: Filling }) {
  const t = templates.useText();
  const { template, form, values, problem, change, touch } = filling;
  const whole = problem('body');
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Text fw={600}>{template.name}</Text>
        <Text size="sm" c="dimmed">
          {languageName(template.language)}
        </Text>
      </Group>
      {form.slots.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noGaps')}
        </Text>
      )}
      {form.slots.map((slot, at) => (
        <TextInput
          key={slot.id}
          label={labelOf(slot, t)}
          description={isMedia(slot) ? t('mediaHint') : undefined}
          placeholder={slot.example ? t('example', { value: slot.example }) : undefined}
          type={isMedia(slot) ? 'url' : 'text'}
          required
          value={values[slot.id] ?? ''}
          error={problem(slot.id)}
          onChange={(event) => change(slot.id, event.currentTarget.value)}
          onBlur={() => values[slot.id] && touch(slot.id)}
          autoComplete="off"
          data-autofocus={at === 0 || undefined}
          autoFocus={at === 0}
        />
      ))}
      {whole && (
        <Alert color="red" role="alert">
          {whole}
        </Alert>
      )}
      <Preview form={form} values={values} />
    </Stack>
  );
}

const isMedia = ({ kind }: Slot) => kind === 'image' || kind === 'video' || kind === 'document';

function labelOf({ kind, name }: Slot, t: ReturnType<typeof templates.useText>): string {
  if (kind !== 'body') return t(kind, { name });
  return t(/^\d+$/.test(name) ? 'bodyNumber' : 'body', { name });
}
