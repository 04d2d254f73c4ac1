import { Menu, Text, UnstyledButton } from '@mantine/core';
import { IconBell, IconBellOff, IconCheck, IconVolume, IconVolumeOff } from '@tabler/icons-react';
import { askForDesktop } from '../conversations/alerts';
import { useAvailability, useSetAvailability } from '../conversations/availability';
import { prefer, preferences } from '../preferences';
import { useStore } from '../store';
import { desk } from './desk-texts';
import classes from './Shell.module.css';

const STATES = ['available', 'away'] as const;

/** Whether somebody takes conversations, and how they are told of them. */
export function Availability({ narrow }: { narrow: boolean }) {
  const t = desk.useText();
  const now = useAvailability();
  const change = useSetAvailability();
  const { sound, desktop } = useStore(preferences);
  const state = now ? t(now) : t('unknown');
  const chosen = <IconCheck size={16} aria-hidden />;
  return (
    <Menu position="top-start" width={250} withinPortal>
      <Menu.Target>
        <UnstyledButton
          className={classes.availability}
          data-narrow={narrow || undefined}
          aria-label={t('availability', { state })}
          data-testid="availability"
          data-state={now}
        >
          <span className={classes.state} data-state={now} />
          {!narrow && (
            <Text span size="sm" truncate>
              {state}
            </Text>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {STATES.map((one) => (
          <Menu.Item
            key={one}
            leftSection={<span className={classes.state} data-state={one} />}
            rightSection={one === now && chosen}
            aria-current={one === now || undefined}
            onClick={() => change.mutate(one)}
          >
            {t(one)}
            <Text size="xs" c="dimmed">
              {t(one === 'away' ? 'awayHint' : 'availableHint')}
            </Text>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          closeMenuOnClick={false}
          role="menuitemcheckbox"
          aria-checked={sound}
          leftSection={
            sound ? <IconVolume size={16} aria-hidden /> : <IconVolumeOff size={16} aria-hidden />
          }
          rightSection={sound && chosen}
          onClick={() => prefer({ sound: !sound })}
        >
          {t('sound')}
        </Menu.Item>
        <Menu.Item
          closeMenuOnClick={false}
          role="menuitemcheckbox"
          aria-checked={desktop}
          leftSection={
            desktop ? <IconBell size={16} aria-hidden /> : <IconBellOff size={16} aria-hidden />
          }
          rightSection={desktop && chosen}
          onClick={() => void askForDesktop(!desktop)}
        >
          {t('desktop')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
