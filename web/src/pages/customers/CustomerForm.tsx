import { NumberInput, Select, Stack, Textarea, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { faultsOf } from '../../api/faults';
import { me } from '../../api/session';
import { DayInput } from '../../app/DaysInput';
import { useKeptForm } from '../../app/kept';
import { failed, told } from '../../app/notify';
import { SaveBar } from '../../app/SaveBar';
import { common } from '../../i18n/common';
import { type Attribute, type CustomerDetail, useChangeCustomer, type Value } from './queries';
import { customers } from './texts';

/** What staff knows of a customer. */
export function CustomerForm({
  customer,
  attributes,
}: {
  customer: CustomerDetail;
  attributes: Attribute[];
}) {
  const t = customers.useText();
  const save = useChangeCustomer(customer.id);
  const values = customer.attributes as unknown as Record<string, Value>;
  const form = useKeptForm(
    `customer:${customer.id}`,
    useForm({
      initialValues: {
        name: customer.name ?? '',
        email: customer.email ?? '',
        notes: customer.notes ?? '',
        attributes: Object.fromEntries(attributes.map(({ key }) => [key, values[key] ?? null])),
      },
    }),
  );
  const writes = me().permissions.includes('conversation:attend') && !customer.merged_into;

  const submit = form.onSubmit(async ({ name, email, notes, attributes: written }) => {
    const changed = Object.entries(written).filter(
      ([key, value]) => value !== (values[key] ?? null),
    );
    try {
      await save.mutateAsync({
        name: name.trim() || null,
        email: email.trim() || null,
        notes: notes.trim() || null,
        attributes: Object.fromEntries(changed),
      });
      told(common.say('saved'));
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
    }
  });

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Title order={2} size="h6">
          {t('details')}
        </Title>
        <TextInput
          label={t('name')}
          readOnly={!writes}
          maxLength={200}
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('email')}
          type="email"
          readOnly={!writes}
          {...form.getInputProps('email')}
        />
        {attributes.map((attribute) => (
          <AttributeField
            key={attribute.key}
            attribute={attribute}
            value={form.values.attributes[attribute.key] ?? null}
            onChange={(value) => form.setFieldValue(`attributes.${attribute.key}`, value)}
            error={form.errors[`attributes.${attribute.key}`]}
            readOnly={!writes}
          />
        ))}
        <Textarea
          label={t('notes')}
          description={t('notesHint')}
          readOnly={!writes}
          autosize
          minRows={3}
          maxRows={12}
          {...form.getInputProps('notes')}
        />
        <SaveBar
          changed={form.isDirty()}
          saving={form.submitting}
          blocked={!writes}
          onSave={() => submit()}
          onDiscard={() => form.reset()}
        />
      </Stack>
    </form>
  );
}

/** A value of its kind; empty takes it away. */
function AttributeField({
  attribute: { kind, label, choices },
  value,
  onChange,
  ...rest
}: {
  attribute: Attribute;
  value: Value;
  onChange: (value: Value) => void;
  error: React.ReactNode;
  readOnly: boolean;
}) {
  const t = customers.useText();
  switch (kind) {
    case 'number':
      return (
        <NumberInput
          label={label}
          value={typeof value === 'number' ? value : ''}
          onChange={(written) => onChange(typeof written === 'number' ? written : null)}
          {...rest}
        />
      );
    case 'boolean':
      return (
        <Select
          label={label}
          data={[
            { value: 'true', label: t('yes') },
            { value: 'false', label: t('no') },
          ]}
          value={value === null ? null : String(value)}
          onChange={(chosen) => onChange(chosen === null ? null : chosen === 'true')}
          clearable
          {...rest}
        />
      );
    case 'choice':
      return (
        <Select
          label={label}
          data={choices}
          value={value === null ? null : String(value)}
          onChange={onChange}
          clearable
          {...rest}
        />
      );
    case 'date':
      return (
        <DayInput
          label={label}
          value={value === null ? null : String(value)}
          onChange={onChange}
          {...rest}
        />
      );
    default:
      return (
        <TextInput
          label={label}
          value={value === null ? '' : String(value)}
          onChange={(event) => onChange(event.currentTarget.value || null)}
          {...rest}
        />
      );
  }
}
