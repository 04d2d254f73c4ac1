import { Alert, Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertCircle, IconCircleCheck } from '@tabler/icons-react';
import { faultsOf } from '../../api/faults';
import type { Channel } from '../../api/types';
import { Dialog } from '../../app/Dialog';
import { failed } from '../../app/notify';
import { common } from '../../i18n/common';
import { dialled } from '../../i18n/format';
import { needed } from './fields';
import { useTestMessage } from './queries';
import { channels } from './texts';

const PROBLEMS = ['unreachable', 'no_answer', 'try_later', 'channel_down', 'refused'] as const;

/** Sends one message, and shows what Meta says of it. */
export function TestDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const t = channels.useText();
  const word = common.useText();
  const send = useTestMessage(channel.id);
  const form = useForm({
    initialValues: { phone: '', text: t('testDefault') },
    validate: { phone: (value) => (dialled(value) ? null : t('phoneNeeded')), text: needed },
  });
  const submit = form.onSubmit(async ({ phone, text }) => {
    try {
      await send.mutateAsync({ phone: dialled(phone) ?? phone, text: text.trim() });
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
    }
  });
  const result = send.data;
  const problem = PROBLEMS.find((one) => one === result?.problem) ?? 'refused';
  return (
    <Dialog onClose={onClose} title={t('testTitle', { name: channel.name })}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">{t('testHint')}</Text>
          <TextInput
            label={t('testPhone')}
            description={t('testPhoneHint')}
            type="tel"
            required
            data-autofocus
            {...form.getInputProps('phone')}
          />
          <Textarea
            label={t('testText')}
            required
            autosize
            minRows={2}
            maxRows={6}
            maxLength={1024}
            {...form.getInputProps('text')}
          />
          {result?.accepted && (
            <Alert color="green" role="status" icon={<IconCircleCheck size={18} aria-hidden />}>
              {t('testAccepted')}
            </Alert>
          )}
          {result && !result.accepted && (
            <Alert
              color="red"
              role="alert"
              title={t('testRefused')}
              icon={<IconAlertCircle size={18} aria-hidden />}
            >
              {t(`test_${problem}`)}{' '}
              {[result.code != null && t('code', { code: result.code }), result.detail]
                .filter(Boolean)
                .join(' · ')}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('close')}
            </Button>
            <Button type="submit" loading={form.submitting}>
              {t('testSend')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
