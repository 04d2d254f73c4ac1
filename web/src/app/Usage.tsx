import { Group, Paper, Progress, SimpleGrid, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { components } from '../api/schema';
import { bytes, number } from '../i18n/format';
import { Loaded } from './Loaded';
import { usage } from './usage-texts';

type UsageView = components['schemas']['UsageView'];

const AMOUNTS = ['users', 'channels', 'conversations', 'messages', 'storage_bytes'] as const;
/** From this part of a limit on, somebody should think of it. */
const NEAR = 0.8;

/** What a tenant has and may have; `current` is the caller's. */
export function useUsage(tenant: string) {
  return useQuery({
    queryKey: ['tenants', tenant, 'usage'],
    queryFn: ({ signal }): Promise<UsageView> =>
      answer(api.GET('/api/v1/tenants/{id}/usage', { params: { path: { id: tenant } }, signal })),
  });
}

/** What a tenant uses of what its plan gives. */
export function Usage({ tenant }: { tenant: string }) {
  const used = useUsage(tenant);
  return (
    <Loaded query={used} rows={2} height={84}>
      {(view) => (
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          {AMOUNTS.map((name) => (
            <Amount key={name} name={name} amount={view[name]} />
          ))}
        </SimpleGrid>
      )}
    </Loaded>
  );
}

function Amount({
  name,
  amount: { used, limit, exceeded },
}: {
  name: (typeof AMOUNTS)[number];
  amount: components['schemas']['Amount'];
}) {
  const t = usage.useText();
  const shown = name === 'storage_bytes' ? bytes : number;
  const part = limit ? used / limit : 0;
  const near = !exceeded && part >= NEAR;
  return (
    <Paper withBorder p="md" data-testid={`usage-${name}`}>
      <Text size="sm" c="dimmed">
        {t(name)}
      </Text>
      <Group gap={6} align="baseline" mt={2}>
        <Text size="xl" fw={600}>
          {shown(used)}
        </Text>
        <Text size="sm" c="dimmed">
          {limit == null ? t('unlimited') : t('of', { limit: shown(limit) })}
        </Text>
        {(exceeded || near) && (
          <Text size="sm" fw={600} c={exceeded ? 'red' : undefined} ml="auto">
            {t(exceeded ? 'exceeded' : 'near')}
          </Text>
        )}
      </Group>
      {limit != null && (
        <Progress
          mt="xs"
          size="sm"
          value={Math.min(100, part * 100)}
          color={exceeded ? 'red' : near ? 'yellow' : 'brand'}
          aria-label={t(name)}
        />
      )}
    </Paper>
  );
}
