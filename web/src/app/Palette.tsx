import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconKeyboard, IconLogout, IconSearch } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { logOut } from '../api/session';
import { language } from '../i18n/i18n';
import { createStore, useStore } from '../store';
import { addressOf, type Page } from './page';
import { app } from './texts';

export interface PaletteAction {
  id: string;
  label: string;
  description?: string;
  run: () => void;
}

/** What the page at hand adds to the palette. */
export const paletteActions = createStore<readonly PaletteAction[]>([]);

/** Everything by name: ⌘K. */
export function Palette({
  pages,
  actions,
  onShortcuts,
}: {
  pages: Page[];
  /** What can be done wherever somebody is. */
  actions: readonly PaletteAction[];
  onShortcuts: () => void;
}) {
  const t = app.useText();
  const navigate = useNavigate();
  const own = useStore(paletteActions);
  const groups: SpotlightActionGroupData[] = [
    {
      group: t('actions'),
      actions: [
        ...[...own, ...actions].map(({ id, label, description, run }) => ({
          id,
          label,
          description,
          onClick: run,
        })),
        {
          id: 'shortcuts',
          label: t('shortcuts'),
          leftSection: <IconKeyboard size={18} aria-hidden />,
          onClick: onShortcuts,
        },
        {
          id: 'log-out',
          label: t('logOut'),
          leftSection: <IconLogout size={18} aria-hidden />,
          onClick: () => void logOut(),
        },
      ],
    },
    {
      group: t('pages'),
      actions: pages.map((page) => ({
        id: page.path,
        label: page.title[language()],
        leftSection: <page.icon size={18} />,
        onClick: () => void navigate(addressOf(page)),
      })),
    },
  ];
  return (
    <Spotlight
      actions={groups}
      shortcut={null}
      nothingFound={t('paletteEmpty')}
      highlightQuery
      attributes={{ content: { 'aria-label': t('palette') } }}
      scrollable
      maxHeight={420}
      searchProps={{
        'aria-label': t('palette'),
        placeholder: t('palette'),
        leftSection: <IconSearch size={18} aria-hidden />,
      }}
    />
  );
}
