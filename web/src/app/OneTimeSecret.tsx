import { ActionIcon, Alert, Button, CopyButton, Group, Stack, TextInput } from '@mantine/core';
import { IconCheck, IconCopy, IconEyeOff } from '@tabler/icons-react';
import { common } from '../i18n/common';
import { moment } from '../i18n/format';
import { Dialog } from './Dialog';
import { app } from './texts';

/** Something that the server tells once: a link or a password that somebody must be given. */
export function OneTimeSecret({
  title,
  label,
  value,
  explanation,
  endsAt,
  onClose,
}: {
  title: string;
  label: string;
  value: string;
  explanation: string;
  /** Until when it is good. */
  endsAt?: string;
  onClose: () => void;
}) {
  const t = app.useText();
  const word = common.useText();
  return (
    <Dialog onClose={onClose} title={title} closeOnClickOutside={false}>
      <Stack>
        <CopyField label={label} value={value} description={explanation} />
        <Alert color="yellow" icon={<IconEyeOff size={18} aria-hidden />}>
          {t('onceOnly')}
          {endsAt && ` ${t('goodUntil', { at: moment(endsAt) })}`}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>{word('close')}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** A value to be taken elsewhere. */
export function CopyField({
  label,
  value,
  description,
}: {
  label: string;
  value: string;
  description?: string;
}) {
  const t = app.useText();
  return (
    <TextInput
      label={label}
      description={description}
      value={value}
      readOnly
      onFocus={(event) => event.currentTarget.select()}
      rightSection={
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <ActionIcon
              onClick={copy}
              color={copied ? 'brand' : 'gray'}
              aria-label={copied ? t('copied') : t('copy', { label })}
            >
              {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            </ActionIcon>
          )}
        </CopyButton>
      }
    />
  );
}
