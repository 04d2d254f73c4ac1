import { Button, Code, Stack, Text, Title } from '@mantine/core';
import { useRouteError } from 'react-router';
import { common } from '../i18n/common';
import { app } from './texts';

/** In place of a page that failed. A new version may have taken its files away: reload helps. */
export function Crashed() {
  const t = app.useText();
  const word = common.useText();
  const error = useRouteError();
  return (
    <Stack align="center" justify="center" h="100%" mih={320} gap="sm" p="xl" ta="center">
      <Title order={1} size="h3">
        {t('crashed')}
      </Title>
      <Text c="dimmed">{t('crashedHint')}</Text>
      {error instanceof Error && <Code>{error.message}</Code>}
      <Button onClick={() => location.reload()}>{word('reload')}</Button>
    </Stack>
  );
}
