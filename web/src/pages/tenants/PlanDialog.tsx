import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Tenant } from '../../api/types';
import { DayInput } from '../../app/DaysInput';
import { Dialog } from '../../app/Dialog';
import { failed, told } from '../../app/notify';
import { Usage } from '../../app/Usage';
import { common } from '../../i18n/common';
import { today } from '../../i18n/format';
import { useChangeTenant } from './queries';
import { PLANS, planName, tenants } from './texts';

/** What a company may have, and what it uses of it. */
export function PlanDialog({ tenant, onClose }: { tenant: Tenant; onClose: () => void }) {
  const t = tenants.useText();
  const word = common.useText();
  const change = useChangeTenant();
  const before = PLANS.find((one) => one === tenant.plan) ?? 'free';
  const ends = tenant.trial_ends_at ? today(new Date(tenant.trial_ends_at)) : null;
  const [plan, setPlan] = useState(before);
  const [trial, setTrial] = useState(ends);
  const onTrial = tenant.status === 'trial';
  const store = () =>
    change.mutate(
      {
        id: tenant.id,
        change: {
          ...(plan !== before && { plan }),
          // The whole of the day that is named.
          ...(onTrial &&
            trial &&
            trial !== ends && { trial_ends_at: new Date(`${trial}T23:59:59`).toISOString() }),
        },
      },
      {
        onSuccess: () => {
          told(word('saved'));
          onClose();
        },
        onError: (error) => failed(error),
      },
    );
  return (
    <Dialog onClose={onClose} title={t('planTitle', { name: tenant.name })} size="lg">
      <Stack>
        <div>
          <SegmentedControl
            aria-label={t('plan')}
            data={PLANS.map((one) => ({ value: one, label: planName(one) }))}
            value={plan}
            onChange={(value) => setPlan(PLANS.find((one) => one === value) ?? before)}
            fullWidth
          />
          <Text size="xs" c="dimmed" mt={6}>
            {t('planHint')}
          </Text>
        </div>
        {onTrial && (
          <DayInput
            label={t('trialUntil')}
            description={t('trialUntilHint')}
            value={trial}
            onChange={setTrial}
            clearable={false}
            maw={320}
          />
        )}
        <Text size="sm" fw={600}>
          {t('usage')}
        </Text>
        <Usage tenant={tenant.id} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {word('cancel')}
          </Button>
          <Button
            onClick={store}
            disabled={plan === before && trial === ends}
            loading={change.isPending}
          >
            {word('save')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
