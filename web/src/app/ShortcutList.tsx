import { Group, Kbd, Modal, Stack, Table, Text } from '@mantine/core';
import { Fragment } from 'react';
import { useStore } from '../store';
import { isMac, type Shortcut, shortcuts } from './shortcuts';
import { app } from './texts';

const NAMES: Record<string, string> = {
  mod: isMac ? '⌘' : 'Ctrl',
  shift: '⇧',
  alt: isMac ? '⌥' : 'Alt',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};

export function Keys({ keys }: { keys: string }) {
  const parts = keys.split('+');
  return (
    <Group gap={4} wrap="nowrap" component="span" display="inline-flex">
      {parts.map((part) => (
        <Kbd key={part}>{NAMES[part] ?? part}</Kbd>
      ))}
    </Group>
  );
}

/** What can be pressed, by group. */
export function ShortcutList({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = app.useText();
  const all = useStore(shortcuts);
  const groups = new Map<string, Map<string, Shortcut[]>>();
  for (const shortcut of all) {
    const group = groups.get(shortcut.group) ?? new Map<string, Shortcut[]>();
    groups.set(shortcut.group, group);
    group.set(shortcut.label, [...(group.get(shortcut.label) ?? []), shortcut]);
  }
  return (
    <Modal opened={opened} onClose={onClose} title={t('shortcuts')} size="md">
      <Stack gap="md">
        {[...groups].map(([group, labels]) => (
          <Fragment key={group}>
            <Text fw={600} size="sm">
              {group}
            </Text>
            <Table verticalSpacing={6}>
              <Table.Tbody>
                {[...labels].map(([label, keys]) => (
                  <Table.Tr key={label}>
                    <Table.Td>{label}</Table.Td>
                    <Table.Td ta="right">
                      <Group gap="xs" justify="flex-end">
                        {keys.map((one) => (
                          <Keys key={one.keys} keys={one.keys} />
                        ))}
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Fragment>
        ))}
      </Stack>
    </Modal>
  );
}
