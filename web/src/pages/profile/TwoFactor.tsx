import {
  Alert,
  Button,
  Code,
  CopyButton,
  Group,
  Modal,
  Paper,
  PasswordInput,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { answer, api } from '../../api/client';
import { faultsOf } from '../../api/faults';
import { replaceMe } from '../../api/session';
import type { Me } from '../../api/types';
import { failed, told } from '../../app/notify';
import { moment } from '../../i18n/format';
import { QrCode } from './QrCode';
import { profile } from './texts';

interface SetUp {
  secret: string;
  otpauth_url: string;
}

/** What is being done about the second factor. */
type Step = 'begin' | 'enable' | 'disable' | 'codes' | null;

async function reloadMe(): Promise<void> {
  replaceMe(await answer(api.GET('/api/v1/auth/me')));
}

/** The caller's second factor: turning it on and off, and the codes for who loses it. */
export function TwoFactor({ me }: { me: Me }) {
  const t = profile.useText();
  const [setUp, setSetUp] = useState<SetUp | null>(null);
  const [step, setStep] = useState<Step>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const on = me.two_factor_at != null;

  return (
    <Paper withBorder p="lg">
      <Stack gap="sm">
        <Title order={2} size="h5">
          {t('secondFactor')}
        </Title>
        {me.must_set_up_two_factor && <Alert color="yellow">{t('mustSetUp')}</Alert>}
        <Text size="sm" c="dimmed">
          {on
            ? t('secondFactorOn', { since: moment(me.two_factor_at ?? '') })
            : t('secondFactorOff')}
        </Text>
        {on ? (
          <Group>
            <Button variant="light" onClick={() => setStep('codes')}>
              {t('newCodes')}
            </Button>
            <Button variant="default" onClick={() => setStep('disable')}>
              {t('deactivate')}
            </Button>
          </Group>
        ) : (
          <Group>
            <Button onClick={() => setStep('begin')}>{t('activate')}</Button>
          </Group>
        )}
      </Stack>
      <Modal opened={step !== null} onClose={() => setStep(null)} title={t('secondFactor')}>
        {step === 'enable' && setUp && (
          <Stack align="center" gap="xs" mb="md">
            <Text size="sm">{t('scan')}</Text>
            <QrCode text={setUp.otpauth_url} label={t('qr')} />
            <Code>{setUp.secret}</Code>
          </Stack>
        )}
        {step === 'begin' && (
          <PasswordForm
            onDone={(made) => {
              setSetUp(made);
              setStep('enable');
            }}
          />
        )}
        {step !== null && step !== 'begin' && (
          <CodeForm
            step={step}
            onDone={(made) => {
              setStep(null);
              setCodes(made);
            }}
          />
        )}
      </Modal>
      <Codes codes={codes} onClose={() => setCodes(null)} />
    </Paper>
  );
}

/** Asks for the password, without which nobody sets a second factor up. */
function PasswordForm({ onDone }: { onDone: (made: SetUp) => void }) {
  const t = profile.useText();
  const form = useForm({ mode: 'uncontrolled', initialValues: { password: '' } });

  const submit = form.onSubmit(async ({ password }) => {
    try {
      onDone(await answer(api.POST('/api/v1/auth/2fa/setup', { body: { password } })));
    } catch (error) {
      const fields = faultsOf(error);
      if (fields.password) form.setFieldError('password', t('wrong'));
      else failed(error);
    }
  });

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <PasswordInput
          label={t('current')}
          autoComplete="current-password"
          required
          data-autofocus
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={form.submitting}>
          {t('activate')}
        </Button>
      </Stack>
    </form>
  );
}

/** Asks for a code, and for the password where the second factor is given up. */
function CodeForm({
  step,
  onDone,
}: {
  step: Exclude<Step, 'begin' | null>;
  onDone: (codes: string[] | null) => void;
}) {
  const t = profile.useText();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { code: '', password: '' },
    validate: { code: (value) => (value.trim() ? null : t('wrongCode')) },
  });

  const submit = form.onSubmit(async ({ code: typed, password }) => {
    const code = typed.trim();
    try {
      let made: string[] | null = null;
      if (step === 'disable') {
        await answer(api.POST('/api/v1/auth/2fa/disable', { body: { password, code } }));
        told(t('disabled'));
      } else {
        const path =
          step === 'enable' ? '/api/v1/auth/2fa/enable' : '/api/v1/auth/2fa/recovery-codes';
        made = (await answer(api.POST(path, { body: { code } }))).recovery_codes;
      }
      await reloadMe();
      onDone(made);
    } catch (error) {
      const fields = faultsOf(error);
      if (fields.code) form.setFieldError('code', t('wrongCode'));
      else if (fields.password) form.setFieldError('password', t('wrong'));
      else failed(error);
    }
  });

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {step === 'disable' && (
          <PasswordInput
            label={t('current')}
            autoComplete="current-password"
            required
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
        )}
        <TextInput
          label={t(step === 'enable' ? 'code' : 'anyCode')}
          autoComplete="one-time-code"
          required
          data-autofocus
          key={form.key('code')}
          {...form.getInputProps('code')}
        />
        <Button type="submit" loading={form.submitting}>
          {t(step === 'enable' ? 'enable' : step === 'disable' ? 'deactivate' : 'newCodes')}
        </Button>
      </Stack>
    </form>
  );
}

/** Shown once: closing it by accident would lose them. */
function Codes({ codes, onClose }: { codes: string[] | null; onClose: () => void }) {
  const t = profile.useText();
  return (
    <Modal
      opened={codes !== null}
      onClose={onClose}
      title={t('codesTitle')}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack gap="sm">
        <Text size="sm">{t('codesHint')}</Text>
        <SimpleGrid cols={2} spacing="xs">
          {(codes ?? []).map((code) => (
            <Code key={code}>{code}</Code>
          ))}
        </SimpleGrid>
        <Group justify="flex-end">
          <CopyButton value={(codes ?? []).join('\n')}>
            {({ copied, copy }) => (
              <Button variant="light" onClick={copy}>
                {t(copied ? 'copied' : 'copyCodes')}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>{t('codesKept')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
