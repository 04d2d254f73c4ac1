import { Button, Stack, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { app } from './texts';

export function NotFound() {
  const t = app.useText();
  return (
    <Stack align="center" justify="center" h="100%" gap="sm" p="xl" ta="center">
      <Title order={1} size="h3">
        {t('notFound')}
      </Title>
      <Text c="dimmed">{t('notFoundHint')}</Text>
      <Button component={Link} to="/" variant="light">
        {t('home')}
      </Button>
    </Stack>
  );
}
