import {
  ActionIcon,
  Badge,
  Box,
  Group,
  Indicator,
  Menu,
  Table,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { modals } from '@mantine/modals';
import {
  IconAdjustmentsHorizontal,
  IconDots,
  IconHistory,
  IconKey,
  IconPencil,
  IconShieldCheck,
  IconShieldOff,
  IconUserCheck,
  IconUserOff,
} from '@tabler/icons-react';
import { Link } from 'react-router';
import { useDepartments, useOnline } from '../../api/directory';
import { me } from '../../api/session';
import type { User } from '../../api/types';
import { failed, told } from '../../app/notify';
import { PersonAvatar } from '../../app/PersonAvatar';
import { TablePane } from '../../app/TablePane';
import { DANGER } from '../../app/theme';
import { common } from '../../i18n/common';
import { moment } from '../../i18n/format';
import { useChangePerson, useResetLink, useResetTwoFactor, type Welcome } from './queries';
import { type Role, roleOf, team } from './texts';

const COLOURS: Record<Role, string> = {
  member: 'gray',
  attendant: 'brand',
  supervisor: 'blue',
  tenant_admin: 'grape',
  super_admin: 'red',
};

export function PeopleTable({
  people,
  onEdit,
  onAttendance,
  onLink,
}: {
  people: User[];
  /** Where the caller may change people. */
  onEdit?: (person: User) => void;
  onAttendance: (person: User) => void;
  /** A link was made that somebody must be given. */
  onLink: (link: Welcome) => void;
}) {
  const t = team.useText();
  const online = new Set(useOnline().data?.map(({ id }) => id));
  const departments = useDepartments().data ?? [];
  const names = new Map(departments.map(({ id, name }) => [id, name]));
  return (
    <TablePane>
      <Table highlightOnHover data-testid="people">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('name')}</Table.Th>
            <Table.Th visibleFrom="xs">{t('role')}</Table.Th>
            <Table.Th visibleFrom="md">{t('departments')}</Table.Th>
            <Table.Th visibleFrom="lg">{t('lastLogin')}</Table.Th>
            <Table.Th w={48}>
              <VisuallyHidden>{t('actionsColumn')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((person) => (
            <Table.Tr key={person.id}>
              <Table.Td>
                <Who person={person} online={online.has(person.id)} />
              </Table.Td>
              <Table.Td visibleFrom="xs">
                <RoleBadge role={person.role} />
              </Table.Td>
              <Table.Td visibleFrom="md">
                <Departments
                  names={person.departments
                    .map((id) => names.get(id))
                    .filter((name) => name !== undefined)}
                />
              </Table.Td>
              <Table.Td visibleFrom="lg">
                <Text size="sm" c="dimmed">
                  {person.last_login_at ? moment(person.last_login_at) : t('never')}
                </Text>
              </Table.Td>
              <Table.Td>
                <PersonMenu
                  person={person}
                  onEdit={onEdit && (() => onEdit(person))}
                  onAttendance={() => onAttendance(person)}
                  onLink={onLink}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TablePane>
  );
}

function Who({ person, online }: { person: User; online: boolean }) {
  const t = team.useText();
  return (
    <Group gap="sm" wrap="nowrap">
      <Indicator
        disabled={!online}
        color="green"
        position="bottom-end"
        offset={5}
        size={10}
        withBorder
      >
        <PersonAvatar
          size={36}
          radius="xl"
          name={person.full_name}
          src={person.avatar_url}
          alt=""
        />
      </Indicator>
      <Box miw={0}>
        <Group gap={6} wrap="nowrap">
          <Text size="sm" fw={600} truncate>
            {person.full_name}
          </Text>
          {person.id === me().id && (
            <Text size="xs" c="dimmed">
              ({t('you')})
            </Text>
          )}
          {person.two_factor_at && (
            <IconShieldCheck
              size={16}
              role="img"
              aria-label={t('twoFactorOn')}
              color="var(--mantine-primary-color-filled)"
            />
          )}
          {!person.is_active && (
            <Badge size="sm" color="gray" variant="light">
              {t('deactivated')}
            </Badge>
          )}
          {person.is_active && person.must_change_password && (
            <Badge size="sm" color="yellow" variant="light">
              {t('mustChange')}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed" truncate>
          {person.email}
          {online && ` · ${t('online')}`}
        </Text>
        <Box hiddenFrom="xs" mt={4}>
          <RoleBadge role={person.role} />
        </Box>
      </Box>
    </Group>
  );
}

function RoleBadge({ role }: { role: string }) {
  const t = team.useText();
  const known = roleOf(role);
  return (
    <Badge color={COLOURS[known]} variant="light">
      {t(known)}
    </Badge>
  );
}

function Departments({ names }: { names: string[] }) {
  const t = team.useText();
  if (names.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('noDepartments')}
      </Text>
    );
  }
  return (
    <Group gap={4}>
      {names.map((name) => (
        <Badge key={name} color="gray" variant="default">
          {name}
        </Badge>
      ))}
    </Group>
  );
}

function PersonMenu({
  person,
  onEdit,
  onAttendance,
  onLink,
}: {
  person: User;
  onEdit?: () => void;
  onAttendance: () => void;
  onLink: (link: Welcome) => void;
}) {
  const t = team.useText();
  const word = common.useText();
  const change = useChangePerson();
  const reset = useResetLink();
  const reset2fa = useResetTwoFactor();
  const { id, full_name: name, is_active } = person;
  const toggle = () =>
    change.mutate(
      { id, change: { is_active: !is_active } },
      {
        onSuccess: () => told(t(is_active ? 'nowInactive' : 'nowActive', { name })),
        onError: (error) => failed(error),
      },
    );
  const ask2fa = () =>
    modals.openConfirmModal({
      title: t('reset2faTitle', { name }),
      children: <Text size="sm">{t('reset2faHint')}</Text>,
      labels: { confirm: t('reset2fa'), cancel: word('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': word('close') },
      onConfirm: () =>
        reset2fa.mutate(person, {
          onSuccess: () => told(t('reset2faDone', { name })),
          onError: (error) => failed(error),
        }),
    });
  // Who sees and steers attendance changes how people attend; the rest is for administrators.
  const attends = person.role !== 'member' && is_active;
  if (!onEdit && !attends) return null;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon
          aria-label={t('actions', { name })}
          loading={change.isPending || reset.isPending || reset2fa.isPending}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {onEdit && (
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
            {word('edit')}
          </Menu.Item>
        )}
        {attends && (
          <Menu.Item
            leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
            onClick={onAttendance}
          >
            {t('attendance')}
          </Menu.Item>
        )}
        {me().permissions.includes('audit:read') && (
          <Menu.Item
            component={Link}
            to={`/audit?actor=${id}`}
            leftSection={<IconHistory size={16} aria-hidden />}
          >
            {t('activity')}
          </Menu.Item>
        )}
        {onEdit && is_active && (
          <>
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconKey size={16} aria-hidden />}
              onClick={() =>
                reset.mutate(person, { onSuccess: onLink, onError: (error) => failed(error) })
              }
            >
              {t('resetLink')}
            </Menu.Item>
          </>
        )}
        {onEdit && person.two_factor_at && person.id !== me().id && (
          <Menu.Item leftSection={<IconShieldOff size={16} aria-hidden />} onClick={ask2fa}>
            {t('reset2fa')}
          </Menu.Item>
        )}
        {onEdit && person.id !== me().id && (
          <Menu.Item
            color={is_active ? DANGER : undefined}
            leftSection={
              is_active ? (
                <IconUserOff size={16} aria-hidden />
              ) : (
                <IconUserCheck size={16} aria-hidden />
              )
            }
            onClick={toggle}
          >
            {t(is_active ? 'deactivate' : 'reactivate')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
