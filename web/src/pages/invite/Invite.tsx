import { Anchor, Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconLinkOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { answer, api } from '../../api/client';
import { ApiError } from '../../api/errors';
import { faultsOf } from '../../api/faults';
import type { components } from '../../api/schema';
import { logIn } from '../../api/session';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { failed } from '../../app/notify';
import { language } from '../../i18n/i18n';
import { invite } from './texts';

type Shown = components['schemas']['LinkShown'];

/** Where a link leads by which somebody chooses a password. */
export function Invite() {
  const t = invite.useText();
  // Behind `#`, where no server's log sees it.
  const [token] = useState(() => location.hash.slice(1));
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: ({ signal }) =>
      answer(api.POST('/api/v1/auth/links/show', { body: { token }, signal })),
    enabled: token !== '',
  });
  const gone = token === '' || (link.error instanceof ApiError && link.error.status === 404);
  return (
    <Center component="main" mih="100%" p="md" bg="var(--ground)">
      <Paper withBorder p="lg" radius="lg" shadow="sm" w="100%" maw={420}>
        {gone ? (
          <EmptyState icon={IconLinkOff} title={t('invalid')}>
            <p>{t('invalidHint')}</p>
            <Anchor component={Link} to="/login">
              {t('toLogin')}
            </Anchor>
          </EmptyState>
        ) : (
          <Loaded query={link}>{(shown) => <ChoosePassword token={token} link={shown} />}</Loaded>
        )}
      </Paper>
    </Center>
  );
}

function ChoosePassword({ token, link }: { token: string; link: Shown }) {
  const t = invite.useText();
  const navigate = useNavigate();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', repeat: '' },
    validate: {
      password: (value) => (value.length >= 8 && value.length <= 128 ? null : t('tooShort')),
      repeat: (value, { password }) => (value === password ? null : t('differs')),
    },
  });
  const kind = link.kind === 'invitation' ? 'invitation' : 'password_reset';
  const values = { name: link.full_name, tenant: link.tenant_name, email: link.email };

  const submit = form.onSubmit(async ({ password }) => {
    try {
      await answer(api.POST('/api/v1/auth/links/use', { body: { token, password } }));
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
      return;
    }
    // The password is set. Where more is asked for to log in, the login asks for it.
    const tenant = link.tenant_slug === 'platform' ? '' : link.tenant_slug;
    await logIn(link.email, password, tenant, language()).catch(() => undefined);
    await navigate('/', { replace: true });
  });

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <div>
          <Title order={1} size="h3">
            {t(kind, values)}
          </Title>
          <Text c="dimmed">{t(`${kind}Hint`, values)}</Text>
        </div>
        <input type="hidden" autoComplete="username" value={link.email} readOnly />
        <PasswordInput
          label={t('password')}
          description={t('passwordHint')}
          autoComplete="new-password"
          autoFocus
          required
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <PasswordInput
          label={t('repeat')}
          autoComplete="new-password"
          required
          key={form.key('repeat')}
          {...form.getInputProps('repeat')}
        />
        <Button type="submit" loading={form.submitting}>
          {t('enter')}
        </Button>
      </Stack>
    </form>
  );
}
