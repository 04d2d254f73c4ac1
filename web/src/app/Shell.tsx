import { ActionIcon, Box, Drawer, Group, Text } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { IconMenu2 } from '@tabler/icons-react';
import { Suspense, useEffect } from 'react';
import { Navigate, Outlet, useLocation, useMatch, useMatches, useNavigate } from 'react-router';
import { followOwnWays } from '../api/own-ways';
import { session } from '../api/session';
import { useDesk } from '../conversations/useDesk';
import { language } from '../i18n/i18n';
import { connect } from '../live/live';
import { preferences } from '../preferences';
import { useStore } from '../store';
import { Availability } from './Availability';
import { Bell } from './Bell';
import { ConnectionState } from './ConnectionState';
import { desk } from './desk-texts';
import { Offers } from './Offers';
import { heading } from './PageFrame';
import { Palette } from './Palette';
import { LoadingSpinner } from './ProtectedRoute';
import { addressOf, mayOpen, pages } from './page';
import classes from './Shell.module.css';
import { ShortcutList } from './ShortcutList';
import { Sidebar } from './Sidebar';
import { useKeys, useShortcuts } from './shortcuts';
import { app } from './texts';

/** What stands around every page: navigation, the palette, and the tab's connection. */
export function Shell() {
  const now = useStore(session);
  const { narrow } = useStore(preferences);
  const name = useStore(heading);
  const [menu, { open: openMenu, close: closeMenu }] = useDisclosure(false);
  const [list, { open: openList, close: closeList }] = useDisclosure(false);
  const t = app.useText();
  const word = desk.useText();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const matches = useMatches();
  const small = useMediaQuery('(max-width: 48em)');
  // There a conversation is a screen of its own, with its own way back.
  const whole = useMatch('/inbox/:conversation') !== null;

  const acting = now.state === 'in' ? now.acting : null;
  const hears =
    now.state === 'in' &&
    (now.me.tenant_id != null || acting !== null) &&
    now.me.permissions.includes('conversation:read');
  // The platform's people serve nobody's customers.
  const attends =
    now.state === 'in' &&
    now.me.tenant_id != null &&
    now.me.permissions.includes('conversation:attend');
  useDesk(hears);
  useEffect(() => (hears ? connect(acting) : undefined), [hears, acting]);

  useEffect(followOwnWays, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes the menu.
  useEffect(closeMenu, [pathname]);

  /** The inbox opens the dialog; a conversation that is there stays behind it. */
  const begin = {
    label: word('newConversation'),
    run: () => {
      const inside = pathname.startsWith('/inbox');
      const asked = new URLSearchParams(inside ? search : '');
      asked.set('new', '1');
      void navigate({ pathname: inside ? pathname : '/inbox', search: `?${asked}` });
    },
  };
  useKeys();
  useShortcuts([
    {
      keys: 'mod+K',
      label: t('palette'),
      group: t('anywhere'),
      run: spotlight.open,
      everywhere: true,
    },
    { keys: '?', label: t('shortcuts'), group: t('anywhere'), run: openList },
    ...(attends ? [{ keys: 'C', ...begin, group: t('anywhere') }] : []),
  ]);

  if (now.state !== 'in') return null;
  // Until there is one, nothing else is answered.
  if (now.me.must_set_up_two_factor && pathname !== '/profile') {
    return <Navigate to="/profile" replace />;
  }
  const mine = pages.filter((page) => mayOpen(page, now.me, now.acting));
  const phone = now.me.phone_url;
  const here = mine.find((page) =>
    matches.some((match) => match.pathname.startsWith(addressOf(page))),
  );
  return (
    <Box className={classes.shell} data-side={narrow ? 'narrow' : undefined}>
      <a className={classes.skip} href="#content">
        {t('skip')}
      </a>
      {small ? (
        <>
          {!whole && (
            <Group component="header" className={classes.header} gap="xs" wrap="nowrap">
              <ActionIcon size="lg" onClick={openMenu} aria-label={t('menu')}>
                <IconMenu2 size={20} aria-hidden />
              </ActionIcon>
              <Text component="h1" fw={600} truncate>
                {name ?? here?.title[language()] ?? 'Papo'}
              </Text>
              {attends && <Availability narrow />}
              {attends && <Bell narrow />}
            </Group>
          )}
          <Drawer
            opened={menu}
            onClose={closeMenu}
            size={260}
            padding={0}
            withCloseButton={false}
            attributes={{ content: { 'aria-label': t('navigation') } }}
            classNames={{ body: classes.drawer }}
          >
            <Sidebar pages={mine} me={now.me} narrow={false} attends={attends} inDrawer />
          </Drawer>
        </>
      ) : (
        <Sidebar pages={mine} me={now.me} narrow={narrow} attends={attends} />
      )}
      <main className={classes.main} id="content" tabIndex={-1}>
        {hears && <ConnectionState />}
        <div className={classes.page}>
          <Suspense fallback={<LoadingSpinner />}>
            <Outlet />
          </Suspense>
        </div>
      </main>
      <Palette
        pages={mine}
        actions={[
          ...(attends ? [{ id: 'new-conversation', ...begin }] : []),
          ...(phone ? [{ id: 'phone', label: t('phone'), run: () => openApart(phone) }] : []),
        ]}
        onShortcuts={openList}
      />
      {attends && <Offers />}
      <ShortcutList opened={list} onClose={closeList} />
    </Box>
  );
}

/** In a tab of its own, which has no hold of this one. */
function openApart(address: string): void {
  window.open(address, '_blank', 'noopener,noreferrer');
}
