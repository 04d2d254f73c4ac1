import { ActionIcon, Badge, Group, Menu, Table, Text, VisuallyHidden } from '@mantine/core';
import { modals } from '@mantine/modals';
import {
  IconCircleCheck,
  IconDoorEnter,
  IconDoorExit,
  IconDots,
  IconGauge,
  IconPlayerPause,
} from '@tabler/icons-react';
import type { Tenant } from '../../api/types';
import { failed, told } from '../../app/notify';
import { TablePane } from '../../app/TablePane';
import { DANGER } from '../../app/theme';
import { common } from '../../i18n/common';
import { day } from '../../i18n/format';
import { enterTenant, leaveTenant } from './acting';
import { useChangeTenant } from './queries';
import { planName, tenants } from './texts';

const COLOURS = { trial: 'blue', active: 'green', suspended: 'red' } as const;

function standingOf(status: string): keyof typeof COLOURS {
  return status === 'trial' || status === 'active' ? status : 'suspended';
}

export function TenantTable({
  tenants: rows,
  acting,
  onPlan,
}: {
  tenants: Tenant[];
  acting: string | null;
  onPlan: (tenant: Tenant) => void;
}) {
  const t = tenants.useText();
  return (
    <TablePane>
      <Table highlightOnHover data-testid="tenants">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('name')}</Table.Th>
            <Table.Th>{t('status')}</Table.Th>
            <Table.Th visibleFrom="xs">{t('plan')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('since')}</Table.Th>
            <Table.Th w={48}>
              <VisuallyHidden>{t('actionsColumn')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((tenant) => (
            <Table.Tr key={tenant.id}>
              <Table.Td>
                <Group gap={6}>
                  <Text size="sm" fw={600}>
                    {tenant.name}
                  </Text>
                  {tenant.slug === acting && (
                    <Badge size="sm" variant="light">
                      {t('inside')}
                    </Badge>
                  )}
                </Group>
                <Text size="xs" c="dimmed">
                  {tenant.slug}
                  {tenant.email && ` · ${tenant.email}`}
                </Text>
              </Table.Td>
              <Table.Td>
                <Standing tenant={tenant} />
              </Table.Td>
              <Table.Td visibleFrom="xs">
                <Text size="sm">{planName(tenant.plan)}</Text>
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <Text size="sm" c="dimmed">
                  {day(tenant.created_at)}
                </Text>
              </Table.Td>
              <Table.Td>
                <TenantMenu
                  tenant={tenant}
                  inside={tenant.slug === acting}
                  onPlan={() => onPlan(tenant)}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TablePane>
  );
}

function Standing({ tenant: { status, trial_ends_at } }: { tenant: Tenant }) {
  const t = tenants.useText();
  const known = standingOf(status);
  const over = trial_ends_at && Date.parse(trial_ends_at) < Date.now();
  return (
    <>
      <Badge color={COLOURS[known]} variant="light" miw="max-content">
        {t(known)}
      </Badge>
      {known === 'trial' && trial_ends_at && (
        <Text size="xs" c={over ? 'red' : 'dimmed'} mt={2}>
          {t(over ? 'trialOver' : 'trialEnds', { day: day(trial_ends_at) })}
        </Text>
      )}
    </>
  );
}

function TenantMenu({
  tenant,
  inside,
  onPlan,
}: {
  tenant: Tenant;
  inside: boolean;
  onPlan: () => void;
}) {
  const t = tenants.useText();
  const word = common.useText();
  const change = useChangeTenant();
  const { id, name } = tenant;
  const known = standingOf(tenant.status);
  const set = (status: 'active' | 'suspended') =>
    change.mutate(
      { id, change: { status } },
      {
        onSuccess: () => told(t(status === 'active' ? 'nowActive' : 'nowSuspended', { name })),
        onError: (error) => failed(error),
      },
    );
  // It can be undone, but not the cutting off of everybody at work.
  const ask = () =>
    modals.openConfirmModal({
      title: t('suspendTitle', { name }),
      children: <Text size="sm">{t('suspendHint')}</Text>,
      labels: { confirm: t('suspend'), cancel: word('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': word('close') },
      onConfirm: () => set('suspended'),
    });
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon aria-label={t('actions', { name })} loading={change.isPending}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {inside ? (
          <Menu.Item leftSection={<IconDoorExit size={16} aria-hidden />} onClick={leaveTenant}>
            {t('leave')}
          </Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<IconDoorEnter size={16} aria-hidden />}
            disabled={known === 'suspended'}
            onClick={() => enterTenant(tenant)}
          >
            {t('openAs')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconGauge size={16} aria-hidden />} onClick={onPlan}>
          {t('planAndUsage')}
        </Menu.Item>
        <Menu.Divider />
        {known !== 'active' && (
          <Menu.Item
            leftSection={<IconCircleCheck size={16} aria-hidden />}
            onClick={() => set('active')}
          >
            {t(known === 'trial' ? 'activate' : 'reactivate')}
          </Menu.Item>
        )}
        {known !== 'suspended' && (
          <Menu.Item
            color={DANGER}
            leftSection={<IconPlayerPause size={16} aria-hidden />}
            onClick={ask}
          >
            {t('suspend')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
