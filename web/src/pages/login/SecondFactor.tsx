import { Button, Stack, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { ApiError } from '../../api/errors';
import { proveSecondFactor } from '../../api/session';
import { language } from '../../i18n/i18n';
import { Problem } from './Problem';
import { login } from './texts';

/** The code that a login still owes. */
export function SecondFactor({
  challenge,
  onRestart,
}: {
  challenge: string;
  onRestart: () => void;
}) {
  const t = login.useText();
  const [recovery, setRecovery] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { code: '' },
    validate: { code: (value) => (value.trim() ? null : t('codeNeeded')) },
  });

  const submit = form.onSubmit(async ({ code }) => {
    setProblem(null);
    const given = code.trim();
    try {
      const proof = recovery ? { recovery_code: given } : { code: given.replaceAll(' ', '') };
      await proveSecondFactor(challenge, proof, language());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error);
      form.reset();
    }
  });

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t('secondStep')}
        </Title>
        {problem && <Problem error={problem} />}
        <TextInput
          label={t(recovery ? 'recovery' : 'code')}
          description={t(recovery ? 'recoveryHint' : 'codeHint')}
          inputMode={recovery ? 'text' : 'numeric'}
          autoComplete="one-time-code"
          autoFocus
          data-testid="code-input"
          key={form.key('code')}
          {...form.getInputProps('code')}
        />
        <Button type="submit" loading={form.submitting} fullWidth data-testid="verify-button">
          {t('verify')}
        </Button>
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            setRecovery(!recovery);
            form.reset();
          }}
        >
          {t(recovery ? 'useCode' : 'useRecovery')}
        </Button>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={onRestart}>
          {t('restart')}
        </Button>
      </Stack>
    </form>
  );
}
