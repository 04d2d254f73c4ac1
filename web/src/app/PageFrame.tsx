import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { createStore } from '../store';

/** The name of the page that is open; on a phone it stands in the bar above. */
export const heading = createStore<string | null>(null);

/** A page with its name above: for all pages but the inbox, which has no room to spare. */
export function PageFrame({
  title,
  description,
  actions,
  wide,
  children,
}: {
  title: string;
  description?: string;
  /** Buttons beside the name. */
  actions?: ReactNode;
  /** For tables: takes all the room there is. */
  wide?: boolean;
  children: ReactNode;
}) {
  useEffect(() => {
    heading.set(title);
    return () => heading.set(null);
  }, [title]);
  const bare = !description && !actions;
  return (
    <Box p={{ base: 'md', sm: 'xl' }} maw={wide ? 1480 : 960}>
      <Stack gap="lg">
        <Group
          justify="space-between"
          align="flex-start"
          gap="sm"
          visibleFrom={bare ? 'sm' : undefined}
        >
          <div>
            <Title order={1} size="h3" visibleFrom="sm">
              {title}
            </Title>
            {description && (
              <Text c="dimmed" size="sm">
                {description}
              </Text>
            )}
          </div>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
        {children}
      </Stack>
    </Box>
  );
}
