import { Button, Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch, IconUserPlus, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { rowsOf } from '../../api/directory';
import { me } from '../../api/session';
import type { User } from '../../api/types';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { OneTimeSecret } from '../../app/OneTimeSecret';
import { PageFrame } from '../../app/PageFrame';
import { useQueryParam } from '../../app/useQueryParam';
import { AttendanceDialog } from './AttendanceDialog';
import { PeopleTable } from './PeopleTable';
import { PersonDialog } from './PersonDialog';
import { useComingAndGoing, usePeoplePages, type Welcome } from './queries';
import { ROLES, team } from './texts';

/** The people of the tenant. */
export default function Team() {
  const t = team.useText();
  const [q, setQ] = useQueryParam('q');
  const [role, setRole] = useQueryParam('role');
  const [shown, setShown] = useQueryParam('standing');
  const standing = shown === 'inactive' || shown === 'all' ? shown : 'active';
  const people = usePeoplePages({ q, role, standing });
  const [dialog, setDialog] = useState<User | 'new' | null>(null);
  const [attending, setAttending] = useState<User | null>(null);
  const [welcome, setWelcome] = useState<Welcome | null>(null);
  useComingAndGoing();

  const manages = me().permissions.includes('company:user:manage');
  const filtered = Boolean(q || role || standing !== 'active');
  const rows = rowsOf(people.data);
  const add = (
    <Button
      leftSection={<IconUserPlus size={16} aria-hidden />}
      onClick={() => setDialog('new')}
      data-testid="add-person"
    >
      {t('invite')}
    </Button>
  );
  return (
    <PageFrame title={t('title')} description={t('description')} wide actions={manages && add}>
      <Filters
        q={q}
        role={role}
        standing={standing}
        setQ={setQ}
        setRole={setRole}
        setStanding={(value) => setShown(value === 'active' ? null : value)}
      />
      <Loaded query={people} rows={6} height={52}>
        {() =>
          rows.length > 0 ? (
            <>
              <PeopleTable
                people={rows}
                onEdit={manages ? setDialog : undefined}
                onAttendance={setAttending}
                onLink={setWelcome}
              />
              <MoreRows query={people} />
              {rows.length === 1 && !filtered && (
                <EmptyState icon={IconUsers} title={t('alone')}>
                  {t('aloneHint')}
                </EmptyState>
              )}
            </>
          ) : (
            <EmptyState icon={IconUsers} title={t('empty')}>
              {t('emptyHint')}
            </EmptyState>
          )
        }
      </Loaded>
      {dialog && (
        <PersonDialog
          person={dialog === 'new' ? null : dialog}
          onClose={() => setDialog(null)}
          onCreated={setWelcome}
        />
      )}
      {attending && <AttendanceDialog person={attending} onClose={() => setAttending(null)} />}
      {welcome && <WelcomeDialog welcome={welcome} onClose={() => setWelcome(null)} />}
    </PageFrame>
  );
}

/** What somebody new must be given. */
function WelcomeDialog({ welcome, onClose }: { welcome: Welcome; onClose: () => void }) {
  const t = team.useText();
  const { person, link, kind } = welcome;
  const name = person.full_name;
  return (
    <OneTimeSecret
      title={t(kind === 'invitation' ? 'created' : 'resetTitle', { name })}
      label={t(kind)}
      value={link.url}
      explanation={t(`${kind}Hint`, { name })}
      endsAt={link.expires_at}
      onClose={onClose}
    />
  );
}

function Filters({
  q,
  role,
  standing,
  setQ,
  setRole,
  setStanding,
}: {
  q: string | null;
  role: string | null;
  standing: string;
  setQ: (q: string | null) => void;
  setRole: (role: string | null) => void;
  setStanding: (standing: string) => void;
}) {
  const t = team.useText();
  const ask = useDebouncedCallback((text: string) => setQ(text.trim() || null), 250);
  return (
    <Group gap="sm">
      <TextInput
        type="search"
        aria-label={t('search')}
        placeholder={t('search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        defaultValue={q ?? ''}
        onChange={(event) => ask(event.currentTarget.value)}
        miw={240}
        flex={1}
        maw={360}
      />
      <Select
        aria-label={t('role')}
        placeholder={t('everyRole')}
        data={ROLES.map((value) => ({ value, label: t(value) }))}
        value={role}
        onChange={setRole}
        clearable
        w={190}
      />
      <SegmentedControl
        aria-label={t('standing')}
        value={standing}
        onChange={setStanding}
        data={[
          { value: 'active', label: t('active') },
          { value: 'inactive', label: t('inactive') },
          { value: 'all', label: t('everyone') },
        ]}
      />
    </Group>
  );
}
