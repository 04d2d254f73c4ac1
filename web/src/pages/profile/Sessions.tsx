import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { failed, told } from '../../app/notify';
import { moment } from '../../i18n/format';
import { deviceName } from './device';
import { profile } from './texts';

const KEY = ['sessions'];

/** The caller's logins, and ending those that should not be. */
export function Sessions() {
  const t = profile.useText();
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/auth/sessions', { signal })),
  });
  const done = () => {
    told(t('ended'));
    void client.invalidateQueries({ queryKey: KEY });
  };
  const end = useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE('/api/v1/auth/sessions/{id}', { params: { path: { id } } })),
    onSuccess: done,
    onError: (error) => failed(error),
  });
  const endOthers = useMutation({
    mutationFn: () => answer(api.DELETE('/api/v1/auth/sessions')),
    onSuccess: done,
    onError: (error) => failed(error),
  });
  const all = data?.data ?? [];

  return (
    <Paper withBorder p="lg">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h5">
            {t('sessions')}
          </Title>
          {all.length > 1 && (
            <Button
              size="compact-sm"
              variant="light"
              loading={endOthers.isPending}
              onClick={() => endOthers.mutate()}
            >
              {t('endOthers')}
            </Button>
          )}
        </Group>
        {all.map(({ id, user_agent, address, last_used_at, current }) => (
          <Group key={id} justify="space-between" wrap="nowrap">
            <div>
              <Group gap="xs">
                <Text size="sm" fw={500}>
                  {deviceName(user_agent) ?? t('unknownDevice')}
                </Text>
                {current && <Badge size="sm">{t('thisOne')}</Badge>}
              </Group>
              <Text size="xs" c="dimmed">
                {[address, t('usedAt', { at: moment(last_used_at) })].filter(Boolean).join(' · ')}
              </Text>
            </div>
            {!current && (
              <Button
                size="compact-sm"
                variant="default"
                loading={end.isPending && end.variables === id}
                onClick={() => end.mutate(id)}
              >
                {t('end')}
              </Button>
            )}
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
