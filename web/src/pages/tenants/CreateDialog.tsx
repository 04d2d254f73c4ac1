import { Button, Fieldset, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { faultsOf } from '../../api/faults';
import { Dialog } from '../../app/Dialog';
import { failed } from '../../app/notify';
import { common } from '../../i18n/common';
import { type CreatedTenant, useCreateTenant } from './queries';
import { slugOf } from './slug';
import { tenants } from './texts';

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A new tenant with its first administrator. */
export function CreateDialog({
  onClose,
  onCreated,
}: {
  onClose: () => void;
  onCreated: (created: CreatedTenant & { admin_email: string }) => void;
}) {
  const t = tenants.useText();
  const word = common.useText();
  const create = useCreateTenant();
  const form = useForm({
    initialValues: { name: '', slug: '', email: '', admin_name: '', admin_email: '' },
    validate: {
      name: (value) => (value.trim().length >= 2 ? null : t('nameNeeded')),
      slug: (value) => (SLUG.test(value) ? null : t('slugNeeded')),
      email: (value) => (!value || ADDRESS.test(value.trim()) ? null : t('emailNeeded')),
      admin_name: (value) => (value.trim().length >= 2 ? null : t('nameNeeded')),
      admin_email: (value) => (ADDRESS.test(value.trim()) ? null : t('emailNeeded')),
    },
  });

  // The identifier follows the name until somebody writes another one.
  function rename(name: string) {
    const { name: before, slug } = form.getValues();
    const follows = slug === slugOf(before);
    form.setValues(follows ? { name, slug: slugOf(name) } : { name });
  }

  const submit = form.onSubmit(async ({ email, ...values }) => {
    try {
      const created = await create.mutateAsync({ ...values, email: email.trim() || null });
      onCreated({ ...created, admin_email: values.admin_email.trim() });
      onClose();
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
    }
  });

  return (
    <Dialog onClose={onClose} title={t('add')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm" c="dimmed">
            {t('addHint')}
          </Text>
          <TextInput
            label={t('name')}
            required
            data-autofocus
            autoComplete="off"
            {...form.getInputProps('name')}
            onChange={(event) => rename(event.currentTarget.value)}
          />
          <TextInput
            label={t('slug')}
            description={t('slugHint')}
            required
            autoCapitalize="none"
            spellCheck={false}
            autoComplete="off"
            maxLength={63}
            {...form.getInputProps('slug')}
          />
          <TextInput
            label={t('email')}
            type="email"
            autoComplete="off"
            {...form.getInputProps('email')}
          />
          <Fieldset legend={t('admin')}>
            <Stack>
              <TextInput
                label={t('adminName')}
                required
                autoComplete="off"
                {...form.getInputProps('admin_name')}
              />
              <TextInput
                label={t('adminEmail')}
                type="email"
                required
                autoComplete="off"
                {...form.getInputProps('admin_email')}
              />
            </Stack>
          </Fieldset>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" loading={form.submitting}>
              {word('create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
