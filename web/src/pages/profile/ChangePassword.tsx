import { Button, Group, Paper, PasswordInput, Stack, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { answer, api } from '../../api/client';
import { faultsOf } from '../../api/faults';
import { failed, told } from '../../app/notify';
import { profile } from './texts';

export function ChangePassword() {
  const t = profile.useText();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { current: '', fresh: '', repeat: '' },
    validate: {
      fresh: (value) => (value.length >= 8 && value.length <= 128 ? null : t('tooShort')),
      repeat: (value, { fresh }) => (value === fresh ? null : t('differs')),
    },
  });

  const submit = form.onSubmit(async ({ current, fresh }) => {
    const body = { current_password: current, new_password: fresh };
    try {
      await answer(api.POST('/api/v1/auth/change-password', { body }));
      form.reset();
      told(t('changed'));
    } catch (error) {
      const fields = faultsOf(error);
      if (fields.current_password) form.setFieldError('current', t('wrong'));
      else if (fields.new_password) form.setFieldError('fresh', fields.new_password);
      else failed(error);
    }
  });

  return (
    <Paper withBorder p="lg">
      <form onSubmit={submit}>
        <Stack gap="sm" maw={420}>
          <Title order={2} size="h5">
            {t('change')}
          </Title>
          <PasswordInput
            label={t('current')}
            autoComplete="current-password"
            required
            key={form.key('current')}
            {...form.getInputProps('current')}
          />
          <PasswordInput
            label={t('fresh')}
            description={t('freshHint')}
            autoComplete="new-password"
            required
            key={form.key('fresh')}
            {...form.getInputProps('fresh')}
          />
          <PasswordInput
            label={t('repeat')}
            autoComplete="new-password"
            required
            key={form.key('repeat')}
            {...form.getInputProps('repeat')}
          />
          <Group>
            <Button type="submit" loading={form.submitting}>
              {t('change')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
