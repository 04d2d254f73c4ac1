import { Alert, Badge, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconHourglass } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { faultsOf } from '../../api/faults';
import type { Tenant } from '../../api/types';
import { useKeptForm } from '../../app/kept';
import { Loaded } from '../../app/Loaded';
import { failed, told } from '../../app/notify';
import { PageFrame } from '../../app/PageFrame';
import { SaveBar } from '../../app/SaveBar';
import { Usage } from '../../app/Usage';
import { common } from '../../i18n/common';
import { day } from '../../i18n/format';
import { plan, planKey } from './texts';

const KEY = ['tenants', 'current'] as const;
const CURRENT = { path: { id: 'current' } };

/** The company, what it may have, and what it uses. */
export default function Plan() {
  const t = plan.useText();
  const tenant = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/tenants/{id}', { params: CURRENT, signal })),
  });
  return (
    <PageFrame title={t('title')} description={t('description')}>
      <Loaded query={tenant} rows={3} height={110}>
        {(found) => (
          <>
            <Standing tenant={found} />
            <section>
              <Title order={2} size="h5" mb="sm">
                {t('usage')}
              </Title>
              <Usage tenant="current" />
              <Text size="xs" c="dimmed" mt="xs">
                {t('never')}
              </Text>
            </section>
            <Details key={`${found.name}:${found.email}`} tenant={found} />
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

/** Days of the calendar, not of 24 hours. */
function daysUntil(at: string): number {
  const midnight = (when: Date) => new Date(when).setHours(0, 0, 0, 0);
  return Math.round((midnight(new Date(at)) - midnight(new Date())) / 86_400_000);
}

function Standing({ tenant: { plan: name, status, trial_ends_at } }: { tenant: Tenant }) {
  const t = plan.useText();
  const key = planKey(name);
  const trial = status === 'trial' && trial_ends_at;
  const left = trial ? daysUntil(trial_ends_at) : 0;
  const ends = trial && Date.parse(trial_ends_at) > Date.now();
  return (
    <Stack gap="sm">
      <Paper withBorder p="lg">
        <Group justify="space-between">
          <div>
            <Text size="sm" c="dimmed">
              {t('plan')}
            </Text>
            <Text size="xl" fw={600}>
              {key ? t(key) : name}
            </Text>
          </div>
          <Badge size="lg" variant="light" color={trial ? 'blue' : 'green'}>
            {t(trial ? 'trial' : 'active')}
          </Badge>
        </Group>
      </Paper>
      {trial && (
        <Alert color={left <= 3 ? 'yellow' : 'blue'} icon={<IconHourglass size={18} aria-hidden />}>
          {ends
            ? left === 0
              ? t('trialEndsToday')
              : t('trialEnds', { day: day(trial_ends_at), count: left })
            : t('trialEnded', { day: day(trial_ends_at) })}
        </Alert>
      )}
    </Stack>
  );
}

function Details({ tenant }: { tenant: Tenant }) {
  const t = plan.useText();
  const word = common.useText();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (body: { name: string; email?: string }) =>
      answer(api.PATCH('/api/v1/tenants/{id}', { params: CURRENT, body })),
    onSuccess: (saved) => client.setQueryData(KEY, saved),
  });
  const form = useKeptForm(
    'company',
    useForm({
      initialValues: { name: tenant.name, email: tenant.email ?? '' },
      validate: { name: (value: string) => (value.trim().length >= 2 ? null : t('nameNeeded')) },
    }),
  );
  const submit = form.onSubmit(async ({ name, email }) => {
    try {
      const written = email.trim();
      await save.mutateAsync({ name: name.trim(), ...(written && { email: written }) });
      told(word('saved'));
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
    }
  });
  return (
    <Paper withBorder p="lg" component="form" onSubmit={submit} noValidate>
      <Stack>
        <Title order={2} size="h5">
          {t('company')}
        </Title>
        <TextInput label={word('name')} required maw={420} {...form.getInputProps('name')} />
        <TextInput
          label={t('email')}
          description={t('emailHint')}
          type="email"
          maw={420}
          {...form.getInputProps('email')}
        />
        <TextInput
          label={t('slug')}
          description={t('slugHint')}
          value={tenant.slug}
          readOnly
          maw={420}
        />
        <SaveBar
          changed={form.isDirty()}
          saving={save.isPending}
          blocked={false}
          onSave={() => submit()}
          onDiscard={() => form.reset()}
        />
      </Stack>
    </Paper>
  );
}
