import { Button, Group, MultiSelect, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDepartments } from '../../api/directory';
import { faultsOf } from '../../api/faults';
import { me } from '../../api/session';
import type { User } from '../../api/types';
import { Dialog } from '../../app/Dialog';
import { failed, told } from '../../app/notify';
import { common } from '../../i18n/common';
import { type Person, useChangePerson, useCreatePerson, type Welcome } from './queries';
import { ROLES, team } from './texts';

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Somebody new, or somebody changed. */
export function PersonDialog({
  person,
  onClose,
  onCreated,
}: {
  person: User | null;
  onClose: () => void;
  onCreated: (welcome: Welcome) => void;
}) {
  const t = team.useText();
  const word = common.useText();
  const departments = useDepartments().data ?? [];
  const create = useCreatePerson();
  const change = useChangePerson();
  const own = person?.id === me().id;
  const fixed = own || person?.role === 'super_admin';
  const form = useForm<Person>({
    initialValues: {
      full_name: person?.full_name ?? '',
      email: person?.email ?? '',
      role: person?.role ?? 'attendant',
      departments: person?.departments ?? [],
    },
    validate: {
      full_name: (value) => (value.trim().length >= 2 ? null : t('nameNeeded')),
      email: (value) => (ADDRESS.test(value.trim()) ? null : t('emailNeeded')),
    },
  });

  const submit = form.onSubmit(async (values) => {
    try {
      if (person) {
        const { full_name, role, departments: chosen } = values;
        const rights = fixed ? {} : { role };
        await change.mutateAsync({
          id: person.id,
          change: { full_name: full_name.trim(), departments: chosen, ...rights },
        });
        told(word('saved'));
      } else {
        const welcome = await create.mutateAsync({ ...values, email: values.email.trim() });
        if (welcome) onCreated(welcome);
      }
      onClose();
    } catch (error) {
      const faults = faultsOf(error);
      if (Object.keys(faults).length > 0) form.setErrors(faults);
      else failed(error);
    }
  });

  return (
    <Dialog onClose={onClose} title={person ? t('edit', { name: person.full_name }) : t('invite')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t('name')}
            required
            data-autofocus
            autoComplete="off"
            {...form.getInputProps('full_name')}
          />
          <TextInput
            label={t('email')}
            description={person ? undefined : t('emailHint')}
            type="email"
            required
            disabled={person !== null}
            autoComplete="off"
            {...form.getInputProps('email')}
          />
          {fixed ? (
            <Text size="sm" c="dimmed">
              {t('youHint')}
            </Text>
          ) : (
            <Radio.Group label={t('role')} {...form.getInputProps('role')}>
              <Stack gap="xs" mt="xs">
                {ROLES.map((role) => (
                  <Radio key={role} value={role} label={t(role)} description={t(`${role}Hint`)} />
                ))}
              </Stack>
            </Radio.Group>
          )}
          <MultiSelect
            label={t('departments')}
            description={t('departmentsHint')}
            data={departments.map(({ id, name }) => ({ value: id, label: name }))}
            searchable
            clearable
            {...form.getInputProps('departments')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" loading={form.submitting}>
              {person ? word('save') : word('create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
