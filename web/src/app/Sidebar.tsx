import { ActionIcon, Badge, Box, Kbd, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import {
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconSearch,
} from '@tabler/icons-react';
import { Fragment } from 'react';
import { NavLink } from 'react-router';
import type { Me } from '../api/types';
import { language } from '../i18n/i18n';
import { prefer } from '../preferences';
import { createStore, useStore } from '../store';
import { Availability } from './Availability';
import { Bell } from './Bell';
import { addressOf, type Page } from './page';
import classes from './Shell.module.css';
import { isMac } from './shortcuts';
import { app } from './texts';
import { UserMenu } from './UserMenu';

/** How much waits on a page, by the page's path; shown beside its link. */
export const pageCounts = createStore<Readonly<Record<string, number>>>({});

interface Props {
  pages: Page[];
  me: Me;
  narrow: boolean;
  /** Whether they serve customers. */
  attends: boolean;
  /** On a phone, where the header has the bell. */
  inDrawer?: boolean;
}

export function Sidebar({ pages, me, narrow, attends, inDrawer }: Props) {
  const t = app.useText();
  const counts = useStore(pageCounts);
  return (
    <nav className={classes.side} aria-label={t('navigation')}>
      <Box className={classes.brand}>
        <img src="/icon.svg" width={26} height={26} alt="" />
        {!narrow && 'Papo'}
        {!narrow && (
          <ActionIcon
            ml="auto"
            visibleFrom="sm"
            aria-label={t('narrow')}
            onClick={() => prefer({ narrow: true })}
          >
            <IconLayoutSidebarLeftCollapse size={18} aria-hidden />
          </ActionIcon>
        )}
      </Box>
      <Tooltip label={t('palette')} position="right" disabled={!narrow}>
        <UnstyledButton
          className={`${classes.link} ${classes.search}`}
          data-narrow={narrow || undefined}
          onClick={spotlight.open}
          aria-label={narrow ? t('palette') : undefined}
        >
          <IconSearch size={18} stroke={1.7} aria-hidden />
          {!narrow && (
            <>
              <Text span size="sm" c="dimmed" truncate>
                {t('palette')}
              </Text>
              <Kbd ml="auto" size="xs" aria-hidden visibleFrom="sm">
                {isMac ? '⌘ K' : 'Ctrl K'}
              </Kbd>
            </>
          )}
        </UnstyledButton>
      </Tooltip>
      <div className={classes.links}>
        {pages.map((page, index) => (
          <Fragment key={page.path}>
            {page.section !== 'work' && page.section !== pages[index - 1]?.section && !narrow && (
              <div className={classes.section}>{t(page.section)}</div>
            )}
            <Tooltip label={page.title[language()]} position="right" disabled={!narrow}>
              <NavLink
                to={addressOf(page)}
                className={classes.link ?? ''}
                data-narrow={narrow || undefined}
                aria-label={narrow ? page.title[language()] : undefined}
              >
                <page.icon size={18} stroke={1.7} />
                {!narrow && page.title[language()]}
                {counts[page.path] ? (
                  <Badge size="sm" circle={(counts[page.path] ?? 0) < 10} className={classes.count}>
                    {(counts[page.path] ?? 0) > 99 ? '99+' : counts[page.path]}
                  </Badge>
                ) : null}
              </NavLink>
            </Tooltip>
          </Fragment>
        ))}
      </div>
      {narrow && (
        <ActionIcon mx="auto" aria-label={t('widen')} onClick={() => prefer({ narrow: false })}>
          <IconLayoutSidebarLeftExpand size={18} aria-hidden />
        </ActionIcon>
      )}
      {attends && !inDrawer && <Bell narrow={narrow} />}
      {attends && <Availability narrow={narrow} />}
      <UserMenu me={me} narrow={narrow} />
    </nav>
  );
}
