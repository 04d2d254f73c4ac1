import { Button, ColorInput, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { faultsOf } from '../../api/faults';
import { Dialog } from '../../app/Dialog';
import { failed, told } from '../../app/notify';
import { common } from '../../i18n/common';
import { Mark } from './Mark';
import { type Label, type LabelDraft, useSaveLabel } from './queries';
import { labels } from './texts';

/** Colours that can be told apart. */
const COLOURS = [
  '#e03131',
  '#e8590c',
  '#f08c00',
  '#2f9e44',
  '#0c8f6f',
  '#0c8599',
  '#1971c2',
  '#6741d9',
  '#9c36b5',
  '#c2255c',
  '#5c5f66',
];

/** A new label, or one that is changed. */
export function LabelDialog({ label, onClose }: { label: Label | null; onClose: () => void }) {
  const t = labels.useText();
  const word = common.useText();
  const save = useSaveLabel(label?.id ?? null);
  const form = useForm<LabelDraft>({
    initialValues: { name: label?.name ?? '', colour: label?.colour ?? COLOURS[4] ?? '' },
    validate: {
      name: (value) => (value.trim() ? null : t('nameNeeded')),
      colour: (value) => (/^#[0-9a-f]{6}$/i.test(value) ? null : t('colourNeeded')),
    },
  });
  const submit = form.onSubmit(async ({ name, colour }) => {
    try {
      await save.mutateAsync({ name: name.trim(), colour: colour.toLowerCase() });
      told(t('saved'));
      onClose();
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
    }
  });
  const { name, colour } = form.values;
  return (
    <Dialog onClose={onClose} title={label ? t('edit', { name: label.name }) : t('add')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={word('name')}
            required
            data-autofocus
            autoComplete="off"
            maxLength={40}
            {...form.getInputProps('name')}
          />
          <ColorInput
            label={t('colour')}
            description={t('colourHint')}
            swatches={COLOURS}
            swatchesPerRow={11}
            format="hex"
            withEyeDropper={false}
            {...form.getInputProps('colour')}
          />
          <Group gap="sm">
            <Text size="sm" c="dimmed">
              {t('preview')}
            </Text>
            <Mark name={name.trim() || '…'} colour={colour} />
          </Group>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" loading={form.submitting}>
              {label ? word('save') : word('create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
