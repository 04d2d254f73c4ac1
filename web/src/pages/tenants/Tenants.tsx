import { Alert, Button, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconBuildingStore, IconEye, IconPlus, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { rowsOf } from '../../api/directory';
import { session } from '../../api/session';
import type { Tenant } from '../../api/types';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { OneTimeSecret } from '../../app/OneTimeSecret';
import { PageFrame } from '../../app/PageFrame';
import { useQueryParam } from '../../app/useQueryParam';
import { useStore } from '../../store';
import { leaveTenant } from './acting';
import { CreateDialog } from './CreateDialog';
import { PlanDialog } from './PlanDialog';
import { type CreatedTenant, useTenants } from './queries';
import { TenantTable } from './TenantTable';
import { tenants } from './texts';

/** Everybody who uses this installation. */
export default function Tenants() {
  const t = tenants.useText();
  const list = useTenants();
  const now = useStore(session);
  const [q, setQ] = useQueryParam('q');
  const [creating, setCreating] = useState(false);
  const [planned, setPlanned] = useState<Tenant | null>(null);
  const [created, setCreated] = useState<(CreatedTenant & { admin_email: string }) | null>(null);
  const ask = useDebouncedCallback((text: string) => setQ(text.trim() || null), 200);

  const acting = now.state === 'in' ? now.acting : null;
  const all = rowsOf(list.data);
  const wanted = q?.toLocaleLowerCase() ?? '';
  const shown = all.filter(({ name, slug }) =>
    `${name} ${slug}`.toLocaleLowerCase().includes(wanted),
  );
  const inside = all.find(({ slug }) => slug === acting);
  return (
    <PageFrame
      title={t('title')}
      description={t('description')}
      wide
      actions={
        <Button
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setCreating(true)}
          data-testid="add-tenant"
        >
          {t('add')}
        </Button>
      }
    >
      {acting !== null && (
        <Alert color="blue" icon={<IconEye size={18} aria-hidden />}>
          {t('acting', { name: inside?.name ?? acting })}{' '}
          <Button size="compact-sm" variant="default" onClick={leaveTenant}>
            {t('leave')}
          </Button>
        </Alert>
      )}
      <TextInput
        type="search"
        aria-label={t('search')}
        placeholder={t('search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        defaultValue={q ?? ''}
        onChange={(event) => ask(event.currentTarget.value)}
        maw={360}
      />
      <Loaded query={list} rows={6} height={48}>
        {() =>
          shown.length > 0 ? (
            <>
              <TenantTable tenants={shown} acting={acting} onPlan={setPlanned} />
              <MoreRows query={list} />
            </>
          ) : (
            <EmptyState
              icon={IconBuildingStore}
              title={all.length > 0 ? t('nothingFound') : t('empty')}
            >
              {all.length > 0 ? t('nothingFoundHint') : t('emptyHint')}
              <MoreRows query={list} />
            </EmptyState>
          )
        }
      </Loaded>
      {planned && <PlanDialog tenant={planned} onClose={() => setPlanned(null)} />}
      {creating && <CreateDialog onClose={() => setCreating(false)} onCreated={setCreated} />}
      {created?.invitation && (
        <OneTimeSecret
          title={t('created', { name: created.name })}
          label={t('invitation')}
          value={created.invitation.url}
          explanation={t('invitationHint', { email: created.admin_email })}
          endsAt={created.invitation.expires_at}
          onClose={() => setCreated(null)}
        />
      )}
    </PageFrame>
  );
}
