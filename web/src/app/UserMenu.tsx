import {
  Group,
  Menu,
  Text,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import {
  IconCheck,
  IconDeviceDesktop,
  IconDeviceMobile,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserCog,
} from '@tabler/icons-react';
import { Link } from 'react-router';
import { logOut } from '../api/session';
import type { Me } from '../api/types';
import { prefer, preferences } from '../preferences';
import { useStore } from '../store';
import { PersonAvatar } from './PersonAvatar';
import classes from './Shell.module.css';
import { app } from './texts';

const SCHEMES = [
  ['light', IconSun],
  ['dark', IconMoon],
  ['auto', IconDeviceDesktop],
] as const;
const LANGUAGES = [
  ['pt-BR', 'Português'],
  ['en', 'English'],
] as const;

/** Who is logged in, how the page looks and speaks, and the way out. */
export function UserMenu({ me, narrow }: { me: Me; narrow: boolean }) {
  const t = app.useText();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { language } = useStore(preferences);
  const chosen = <IconCheck size={16} aria-hidden />;
  return (
    <Menu position="right-end" width={240} withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes.user} data-testid="user-menu">
          <VisuallyHidden>{t('userMenu')}</VisuallyHidden>
          <Group gap="xs" wrap="nowrap" justify={narrow ? 'center' : 'flex-start'}>
            <PersonAvatar
              aria-hidden
              size={30}
              radius="xl"
              name={me.full_name}
              src={me.avatar_url}
            />
            {!narrow && (
              <div className={classes.userName}>
                <Text size="sm" fw={500} truncate>
                  {me.full_name}
                </Text>
                <Text size="xs" c="dimmed" truncate>
                  {me.email}
                </Text>
              </div>
            )}
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          component={Link}
          to="/profile"
          leftSection={<IconUserCog size={16} aria-hidden />}
        >
          {t('profile')}
        </Menu.Item>
        {me.phone_url && (
          <Menu.Item
            component="a"
            href={me.phone_url}
            target="_blank"
            rel="noreferrer"
            leftSection={<IconDeviceMobile size={16} aria-hidden />}
            data-testid="phone"
          >
            {t('phone')}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>{t('theme')}</Menu.Label>
        {SCHEMES.map(([scheme, Icon]) => (
          <Menu.Item
            key={scheme}
            closeMenuOnClick={false}
            leftSection={<Icon size={16} aria-hidden />}
            rightSection={scheme === colorScheme && chosen}
            aria-current={scheme === colorScheme || undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {t(scheme)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t('language')}</Menu.Label>
        {LANGUAGES.map(([code, name]) => (
          <Menu.Item
            key={code}
            lang={code}
            closeMenuOnClick={false}
            leftSection={<IconLanguage size={16} aria-hidden />}
            rightSection={code === language && chosen}
            aria-current={code === language || undefined}
            onClick={() => prefer({ language: code })}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void logOut()}>
          {t('logOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
