import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { ApiError } from '../../api/errors';
import { logIn } from '../../api/session';
import { common } from '../../i18n/common';
import { language } from '../../i18n/i18n';
import { recall, remember } from '../../local';
import { Problem } from './Problem';
import { SecondFactor } from './SecondFactor';
import { login } from './texts';

/** The tenant that the address names, or that of the last time. */
function knownTenant(): string {
  return new URLSearchParams(location.search).get('tenant') ?? recall('tenant', '');
}

export function LoginForm({ ended }: { ended: boolean }) {
  const t = login.useText();
  const word = common.useText();
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [challenge, setChallenge] = useState<string | null>(null);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { tenant: knownTenant(), email: recall('email', ''), password: '' },
    validate: {
      email: (value) => (value.trim() ? null : t('emailNeeded')),
      password: (value) => (value ? null : t('passwordNeeded')),
    },
  });

  const submit = form.onSubmit(async ({ tenant, email, password }) => {
    setProblem(null);
    try {
      await logIn(email.trim(), password, tenant.trim().toLowerCase(), language());
      remember('tenant', tenant.trim().toLowerCase());
      remember('email', email.trim());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      remember('tenant', tenant.trim().toLowerCase());
      const { challenge } = error.details;
      if (error.code === 'mfa_required' && typeof challenge === 'string') setChallenge(challenge);
      else if (error.code === 'tenant_not_found') form.setFieldError('tenant', t('unknownTenant'));
      else setProblem(error);
    }
  });

  if (challenge !== null) {
    return <SecondFactor challenge={challenge} onRestart={() => setChallenge(null)} />;
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        {ended && (
          <Alert color="blue" icon={<IconInfoCircle size={18} aria-hidden />}>
            {t('ended')}
          </Alert>
        )}
        {problem && <Problem error={problem} />}
        <TextInput
          label={t('tenant')}
          description={t('tenantHint')}
          autoComplete="organization"
          autoCapitalize="none"
          spellCheck={false}
          key={form.key('tenant')}
          {...form.getInputProps('tenant')}
        />
        <TextInput
          label={word('email')}
          type="email"
          autoComplete="username"
          autoFocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={word('password')}
          autoComplete="current-password"
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={form.submitting} mt="xs" fullWidth>
          {t('enter')}
        </Button>
      </Stack>
    </form>
  );
}
