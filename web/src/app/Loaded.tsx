import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { wordsOf } from '../api/errors';
import { common } from '../i18n/common';

type Asked<T> = Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch' | 'isFetching'>;

/** What was asked for: its shape while it comes, why it did not come, or itself. */
export function Loaded<T>({
  query,
  rows = 4,
  height = 44,
  children,
}: {
  query: Asked<T>;
  /** How much of a shape there is while it loads. */
  rows?: number;
  height?: number;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Unavailable query={query} />;
  return <Waiting rows={rows} height={height} />;
}

export function Waiting({ rows = 4, height = 44 }: { rows?: number; height?: number }) {
  const word = common.useText();
  const shape = Array.from({ length: rows }, (_, row) => row);
  return (
    <Stack gap="xs" role="status" aria-label={word('loading')}>
      {shape.map((row) => (
        <Skeleton key={row} height={height} />
      ))}
    </Stack>
  );
}

function Unavailable({ query }: { query: Asked<unknown> }) {
  const word = common.useText();
  return (
    <Alert
      color="red"
      role="alert"
      title={word('failed')}
      icon={<IconPlugConnectedX size={18} aria-hidden />}
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm">{wordsOf(query.error)}</Text>
        <Button
          size="compact-sm"
          variant="default"
          loading={query.isFetching}
          onClick={() => void query.refetch()}
        >
          {word('retry')}
        </Button>
      </Group>
    </Alert>
  );
}
