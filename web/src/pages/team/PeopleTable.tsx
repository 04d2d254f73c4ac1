import {
  ActionIcon,
  Avatar,
  Badge,
  Box,
  Group,
  Indicator,
  Menu,
  Table,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { IconDots, IconKey, IconPencil, IconUserCheck, IconUserOff } from '@tabler/icons-react';
import { useDepartments, useOnline } from '../../api/directory';
import { me } from '../../api/session';
import type { User } from '../../api/types';
import { failed, told } from '../../app/notify';
import { common } from '../../i18n/common';
import { moment } from '../../i18n/format';
import { useChangePerson, useResetLink, type Welcome } from './queries';
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
  onLink,
}: {
  people: User[];
  /** Where the caller may change people. */
  onEdit?: (person: User) => void;
  /** A link was made that somebody must be given. */
  onLink: (link: Welcome) => void;
}) {
  const t = team.useText();
  const online = new Set(useOnline().data?.map(({ id }) => id));
  const departments = useDepartments().data ?? [];
  const names = new Map(departments.map(({ id, name }) => [id, name]));
  return (
    <Table.ScrollContainer minWidth={0}>
      <Table verticalSpacing="xs" highlightOnHover data-testid="people">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('name')}</Table.Th>
            <Table.Th visibleFrom="xs">{t('role')}</Table.Th>
            <Table.Th visibleFrom="md">{t('departments')}</Table.Th>
            <Table.Th visibleFrom="lg">{t('lastLogin')}</Table.Th>
            {onEdit && (
              <Table.Th w={48}>
                <VisuallyHidden>{t('actionsColumn')}</VisuallyHidden>
              </Table.Th>
            )}
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
              {onEdit && (
                <Table.Td>
                  <PersonMenu person={person} onEdit={() => onEdit(person)} onLink={onLink} />
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
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
        <Avatar
          size={36}
          radius="xl"
          name={person.full_name}
          color="initials"
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
          {!person.is_active && (
            <Badge size="sm" color="gray" variant="light">
              {t('deactivated')}
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
  onLink,
}: {
  person: User;
  onEdit: () => void;
  onLink: (link: Welcome) => void;
}) {
  const t = team.useText();
  const word = common.useText();
  const change = useChangePerson();
  const reset = useResetLink();
  const { id, full_name: name, is_active } = person;
  const toggle = () =>
    change.mutate(
      { id, change: { is_active: !is_active } },
      {
        onSuccess: () => told(t(is_active ? 'nowInactive' : 'nowActive', { name })),
        onError: (error) => failed(error),
      },
    );
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon
          aria-label={t('actions', { name })}
          loading={change.isPending || reset.isPending}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
          {word('edit')}
        </Menu.Item>
        {is_active && (
          <Menu.Item
            leftSection={<IconKey size={16} aria-hidden />}
            onClick={() =>
              reset.mutate(person, { onSuccess: onLink, onError: (error) => failed(error) })
            }
          >
            {t('resetLink')}
          </Menu.Item>
        )}
        {person.id !== me().id && (
          <Menu.Item
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
