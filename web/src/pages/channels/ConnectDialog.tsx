import { Button, Group, PasswordInput, Stack, Stepper, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCircleCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { faultsOf } from '../../api/faults';
import type { Channel } from '../../api/types';
import { Dialog } from '../../app/Dialog';
import { EmptyState } from '../../app/EmptyState';
import { failed } from '../../app/notify';
import { CopyField } from '../../app/OneTimeSecret';
import { common } from '../../i18n/common';
import { newKey } from '../../local';
import { CheckResult } from './CheckResult';
import { credential, digits, needed } from './fields';
import { useCheck, useCreateChannel, webhookUrl } from './queries';
import { channels } from './texts';

const NUMBER = ['name', 'phone_number_id', 'waba_id', 'display_phone'] as const;

/** A number is connected in steps: which, with what credentials, and where Meta shall call. */
export function ConnectDialog({ onClose }: { onClose: () => void }) {
  const t = channels.useText();
  const word = common.useText();
  const create = useCreateChannel();
  const check = useCheck();
  const [step, setStep] = useState(0);
  const [verifyToken] = useState(newKey);
  const [created, setCreated] = useState<Channel | null>(null);
  const form = useForm({
    initialValues: {
      name: '',
      phone_number_id: '',
      waba_id: '',
      display_phone: '',
      access_token: '',
      app_secret: '',
    },
    transformValues: (values) => ({
      ...values,
      name: values.name.trim(),
      phone_number_id: values.phone_number_id.trim(),
      waba_id: values.waba_id.trim(),
      display_phone: values.display_phone.trim(),
    }),
    validate: {
      name: needed,
      phone_number_id: digits,
      waba_id: digits,
      access_token: (value) => (step > 0 ? credential(value) : null),
      app_secret: (value) => (step > 0 ? credential(value) : null),
    },
  });

  async function forward() {
    if (form.validate().hasErrors) return;
    if (step === 0) {
      setStep(1);
      return;
    }
    const { display_phone, ...values } = form.getTransformedValues();
    try {
      const body = { ...values, display_phone: display_phone || null, verify_token: verifyToken };
      setCreated(await create.mutateAsync(body));
      setStep(2);
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (NUMBER.some((field) => field in faults)) setStep(0);
      if (Object.keys(faults).length === 0) failed(error);
    }
  }

  function tryThem() {
    const { phone_number_id, waba_id, access_token } = form.getTransformedValues();
    if (form.validateField('access_token').hasError) return;
    check.mutate({ phone_number_id, waba_id, access_token }, { onError: (error) => failed(error) });
  }

  return (
    <Dialog onClose={onClose} title={t('add')} size="lg" closeOnClickOutside={false}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (step < 2) void forward();
          else if (step === 2) setStep(3);
          else onClose();
        }}
      >
        <Stepper active={step} size="sm" mb="lg">
          <Stepper.Step label={t('stepNumber')}>
            <NumberFields form={form} />
          </Stepper.Step>
          <Stepper.Step label={t('stepCredentials')}>
            <Credentials form={form} />
            <CheckResult check={check} />
          </Stepper.Step>
          <Stepper.Step label={t('stepWebhook')}>
            <Webhook verifyToken={verifyToken} />
          </Stepper.Step>
          <Stepper.Completed>
            <EmptyState
              icon={IconCircleCheck}
              title={t('doneTitle', { name: created?.name ?? '' })}
            >
              {t('doneHint')}
            </EmptyState>
          </Stepper.Completed>
        </Stepper>
        <Group justify="flex-end">
          {step === 1 && (
            <>
              <Button variant="default" onClick={() => setStep(0)}>
                {word('back')}
              </Button>
              <Button variant="light" loading={check.isPending} onClick={tryThem}>
                {t('checkIt')}
              </Button>
            </>
          )}
          <Button type="submit" loading={create.isPending}>
            {step === 1 ? t('connect') : step === 3 ? t('finish') : t('next')}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}

type Form = { form: { getInputProps: (path: string) => object } };

function NumberFields({ form }: Form) {
  const t = channels.useText();
  return (
    <Stack>
      <Text size="sm">{t('numberHint')}</Text>
      <TextInput
        label={t('name')}
        description={t('nameHint')}
        required
        data-autofocus
        autoComplete="off"
        {...form.getInputProps('name')}
      />
      <TextInput
        label={t('phoneNumberId')}
        description={t('phoneNumberIdHint')}
        required
        inputMode="numeric"
        autoComplete="off"
        {...form.getInputProps('phone_number_id')}
      />
      <TextInput
        label={t('waba')}
        required
        inputMode="numeric"
        autoComplete="off"
        {...form.getInputProps('waba_id')}
      />
      <TextInput
        label={t('displayPhone')}
        description={t('displayPhoneHint')}
        type="tel"
        autoComplete="off"
        maxLength={32}
        {...form.getInputProps('display_phone')}
      />
    </Stack>
  );
}

function Credentials({ form }: Form) {
  const t = channels.useText();
  return (
    <Stack>
      <Text size="sm">{t('credentialsHint')}</Text>
      <PasswordInput
        label={t('accessToken')}
        description={t('accessTokenHint')}
        required
        data-autofocus
        autoComplete="off"
        {...form.getInputProps('access_token')}
      />
      <PasswordInput
        label={t('appSecret')}
        description={t('appSecretHint')}
        required
        autoComplete="off"
        {...form.getInputProps('app_secret')}
      />
    </Stack>
  );
}

/** What Meta must be told. */
export function Webhook({ verifyToken }: { verifyToken: string }) {
  const t = channels.useText();
  return (
    <Stack>
      <Text size="sm">{t('webhookHint')}</Text>
      <CopyField label={t('webhookUrl')} value={webhookUrl()} />
      <CopyField label={t('verifyToken')} description={t('verifyTokenOnce')} value={verifyToken} />
    </Stack>
  );
}
