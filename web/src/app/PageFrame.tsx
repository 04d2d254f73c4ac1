import { Box, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

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
  return (
    <Box p={{ base: 'md', sm: 'xl' }} maw={wide ? 1480 : 960}>
      <Stack gap="lg">
        <Group justify="space-between" align="flex-start" gap="sm">
          <div>
            <Title order={1} size="h3">
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
