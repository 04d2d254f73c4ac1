import {
  Button,
  Divider,
  Group,
  NumberInput,
  PasswordInput,
  Stack,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { faultsOf } from '../../api/faults';
import type { Channel } from '../../api/types';
import { Dialog } from '../../app/Dialog';
import { failed, told } from '../../app/notify';
import { CopyField } from '../../app/OneTimeSecret';
import { common } from '../../i18n/common';
import { newKey } from '../../local';
import { Webhook } from './ConnectDialog';
import { needed, optionalCredential } from './fields';
import { useChangeChannel, webhookUrl } from './queries';
import { channels } from './texts';

/** A number's name, pace and credentials. */
export function EditDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const t = channels.useText();
  const word = common.useText();
  const change = useChangeChannel();
  const form = useForm({
    initialValues: {
      name: channel.name,
      display_phone: channel.display_phone ?? '',
      throughput_per_second: channel.throughput_per_second,
      access_token: '',
      app_secret: '',
    },
    validate: {
      name: needed,
      access_token: optionalCredential,
      app_secret: optionalCredential,
    },
  });

  const submit = form.onSubmit(async ({ access_token, app_secret, ...values }) => {
    try {
      await change.mutateAsync({
        id: channel.id,
        change: {
          ...values,
          ...(access_token && { access_token }),
          ...(app_secret && { app_secret }),
        },
      });
      told(word('saved'));
      onClose();
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
    }
  });

  return (
    <Dialog onClose={onClose} title={t('edit', { name: channel.name })} size="lg">
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput label={t('name')} required data-autofocus {...form.getInputProps('name')} />
          <TextInput
            label={t('displayPhone')}
            description={t('displayPhoneHint')}
            type="tel"
            maxLength={32}
            {...form.getInputProps('display_phone')}
          />
          <NumberInput
            label={t('throughput')}
            description={t('throughputHint')}
            min={1}
            max={1000}
            allowDecimal={false}
            {...form.getInputProps('throughput_per_second')}
          />
          <Divider label={t('stepCredentials')} />
          <PasswordInput
            label={t('accessToken')}
            description={t('replaceHint')}
            autoComplete="off"
            {...form.getInputProps('access_token')}
          />
          <PasswordInput
            label={t('appSecret')}
            description={t('replaceHint')}
            autoComplete="off"
            {...form.getInputProps('app_secret')}
          />
          <Divider label={t('stepWebhook')} />
          <VerifyToken channel={channel} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" loading={form.submitting}>
              {word('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** The webhook's address; a lost verify token is replaced, since nobody can read it again. */
function VerifyToken({ channel }: { channel: Channel }) {
  const t = channels.useText();
  const change = useChangeChannel();
  const [fresh, setFresh] = useState<string | null>(null);
  if (fresh) return <Webhook verifyToken={fresh} />;
  function replace() {
    const verify_token = newKey();
    change.mutate(
      { id: channel.id, change: { verify_token } },
      { onSuccess: () => setFresh(verify_token), onError: (error) => failed(error) },
    );
  }
  return (
    <>
      <CopyField label={t('webhookUrl')} value={webhookUrl()} />
      <Group>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={change.isPending}
          onClick={replace}
        >
          {t('freshVerify')}
        </Button>
      </Group>
    </>
  );
}
