import { Center, Loader, Paper, Stack, Text, Title } from '@mantine/core';
import { Navigate, useLocation } from 'react-router';
import { session } from '../../api/session';
import { common } from '../../i18n/common';
import { useStore } from '../../store';
import { LoginForm } from './LoginForm';
import { login } from './texts';

export function Login() {
  const now = useStore(session);
  const t = login.useText();
  const word = common.useText();
  const from = (useLocation().state as { from?: string } | null)?.from ?? '/';
  if (now.state === 'in') return <Navigate to={from} replace />;
  if (now.state === 'starting') {
    return (
      <Center h="100%">
        <Loader aria-label={word('loading')} />
      </Center>
    );
  }
  return (
    <Center component="main" mih="100%" p="md" bg="var(--ground)">
      <Stack gap="lg" w="100%" maw={380}>
        <Stack gap={4} align="center">
          <img src="/icon.svg" width={48} height={48} alt="" />
          <Title order={1} size="h2">
            {t('title')}
          </Title>
          <Text c="dimmed">{t('subtitle')}</Text>
        </Stack>
        <Paper withBorder p="lg" radius="lg" shadow="sm">
          <LoginForm ended={now.state === 'out' && now.ended} />
        </Paper>
      </Stack>
    </Center>
  );
}
