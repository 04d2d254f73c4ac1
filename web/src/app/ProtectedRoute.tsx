import { Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Navigate, useLocation } from 'react-router';
import { session, start } from '../api/session';
import { common } from '../i18n/common';
import { useStore } from '../store';
import { app } from './texts';

const AGAIN = 5_000;

/** Shows what is inside to whoever is logged in, and leads all others to the login and back. */
export function ProtectedRoute({ children }: { children: ReactNode }) {
  const { state } = useStore(session);
  const location = useLocation();
  if (state === 'in') return children;
  if (state === 'out') {
    const from = location.pathname + location.search;
    // What names the tenant must not get lost.
    return <Navigate to={`/login${location.search}`} replace state={{ from }} />;
  }
  return state === 'unreachable' ? <Unreachable /> : <LoadingSpinner />;
}

export function LoadingSpinner() {
  const word = common.useText();
  return (
    <Center h="100%" mih={200}>
      <Loader aria-label={word('loading')} />
    </Center>
  );
}

function Unreachable() {
  const t = app.useText();
  const word = common.useText();
  useEffect(() => {
    const again = setTimeout(() => void start(), AGAIN);
    return () => clearTimeout(again);
  }, []);
  return (
    <Stack align="center" justify="center" h="100%" gap="sm" p="xl" ta="center" role="alert">
      <Title order={1} size="h3">
        {t('unreachable')}
      </Title>
      <Text c="dimmed">{t('unreachableHint')}</Text>
      <Button onClick={() => void start()}>{word('retry')}</Button>
    </Stack>
  );
}
