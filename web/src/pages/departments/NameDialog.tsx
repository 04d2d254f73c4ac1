import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { faultsOf } from '../../api/faults';
import type { Department } from '../../api/types';
import { Dialog } from '../../app/Dialog';
import { failed, told } from '../../app/notify';
import { common } from '../../i18n/common';
import { useChangeDepartment, useCreateDepartment } from './queries';
import { departments } from './texts';

/** A new department, or another name for one. */
export function NameDialog({
  department,
  position,
  onClose,
  onCreated,
}: {
  department?: Department;
  /** Where a new one stands. */
  position: number;
  onClose: () => void;
  onCreated?: (department: Department) => void;
}) {
  const t = departments.useText();
  const word = common.useText();
  const create = useCreateDepartment();
  const change = useChangeDepartment();
  const form = useForm({
    initialValues: { name: department?.name ?? '' },
    validate: { name: (value) => (value.trim() ? null : t('nameNeeded')) },
  });
  const submit = form.onSubmit(async ({ name }) => {
    try {
      if (department) {
        await change.mutateAsync({ id: department.id, change: { name: name.trim() } });
        told(word('saved'));
      } else {
        const created = await create.mutateAsync({ name: name.trim(), position });
        told(t('created'));
        onCreated?.(created);
      }
      onClose();
    } catch (error) {
      const faults = faultsOf(error);
      if (faults.name) form.setErrors(faults);
      else failed(error);
    }
  });
  return (
    <Dialog onClose={onClose} title={department ? t('rename') : t('add')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t('name')}
            description={t('nameHint')}
            required
            data-autofocus
            autoComplete="off"
            {...form.getInputProps('name')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" loading={form.submitting}>
              {department ? word('save') : word('create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
