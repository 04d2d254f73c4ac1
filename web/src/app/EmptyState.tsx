import { Stack, Text, ThemeIcon } from '@mantine/core';
import type { ComponentType, ReactNode } from 'react';

/** Where nothing is: says what would stand here, and what to do about it. */
export function EmptyState({
  icon: Icon,
  title,
  children,
}: {
  icon: ComponentType<{ size?: number; stroke?: number }>;
  title: string;
  children?: ReactNode;
}) {
  return (
    <Stack align="center" justify="center" gap="xs" p="xl" mih={220} h="100%" ta="center">
      <ThemeIcon size={52} radius="xl" variant="light">
        <Icon size={26} stroke={1.6} />
      </ThemeIcon>
      <Text fw={600}>{title}</Text>
      <Text size="sm" c="dimmed" maw={360} component="div">
        {children}
      </Text>
    </Stack>
  );
}
