import { Button, Group, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { faultsOf } from '../../api/faults';
import { Dialog } from '../../app/Dialog';
import { failed, told } from '../../app/notify';
import { common } from '../../i18n/common';
import { keyOf } from './keys';
import { type Attribute, type AttributeDraft, useSaveAttribute } from './queries';
import { customers, KINDS, kindKey } from './texts';

/** A new field, or one that is called otherwise. */
export function FieldDialog({
  field,
  position,
  onClose,
}: {
  field: Attribute | null;
  /** Where a new one stands. */
  position: number;
  onClose: () => void;
}) {
  const t = customers.useText();
  const word = common.useText();
  const save = useSaveAttribute(field, position);
  const form = useForm<AttributeDraft>({
    initialValues: {
      key: field?.key ?? '',
      label: field?.label ?? '',
      kind: KINDS.find((kind) => kind === field?.kind) ?? 'text',
      choices: field?.choices ?? [],
    },
    validate: {
      label: (value) => (value.trim() ? null : t('labelNeeded')),
      key: (value) => (/^[a-z][a-z0-9_]{0,39}$/.test(value) ? null : t('keyNeeded')),
      choices: (value, { kind }) =>
        kind === 'choice' && value.length === 0 ? t('choicesNeeded') : null,
    },
  });
  const submit = form.onSubmit(async (values) => {
    try {
      await save.mutateAsync({ ...values, label: values.label.trim() });
      told(t('fieldSaved'));
      onClose();
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
    }
  });
  return (
    <Dialog onClose={onClose} title={field ? t('editField', { name: field.label }) : t('addField')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t('label')}
            description={t('labelHint')}
            required
            data-autofocus
            autoComplete="off"
            maxLength={100}
            {...form.getInputProps('label')}
            onChange={(event) => {
              const label = event.currentTarget.value;
              // The key follows the name until somebody writes another.
              const follows = !field && form.values.key === keyOf(form.values.label);
              form.setValues(follows ? { label, key: keyOf(label) } : { label });
            }}
          />
          <TextInput
            label={t('key')}
            description={t('keyHint')}
            required
            disabled={field !== null}
            autoComplete="off"
            {...form.getInputProps('key')}
          />
          <Select
            label={t('kind')}
            description={t('kindHint')}
            data={KINDS.map((kind) => ({ value: kind, label: t(kindKey(kind)) }))}
            disabled={field !== null}
            allowDeselect={false}
            {...form.getInputProps('kind')}
          />
          {form.values.kind === 'choice' && (
            <TagsInput
              label={t('choices')}
              description={t('choicesHint')}
              acceptValueOnBlur
              {...form.getInputProps('choices')}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" loading={form.submitting}>
              {field ? word('save') : word('create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
