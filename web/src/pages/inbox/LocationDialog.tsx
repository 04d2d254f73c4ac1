import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMemo } from 'react';
import { Dialog } from '../../app/Dialog';
import type { Place } from '../../conversations/outgoing';
import { common } from '../../i18n/common';
import { mapOf, pointIn } from './place';
import { share } from './share-texts';

/** What WhatsApp takes; characters. */
const MOST = 1000;

/** A place to send: from a link or numbers, with what it is called. */
export function LocationDialog({
  begun,
  onSend,
  onClose,
}: {
  /** One that was written before. */
  begun: Place | undefined;
  onSend: (place: Place) => void;
  onClose: () => void;
}) {
  const t = share.useText();
  const word = common.useText();
  const form = useForm({
    initialValues: {
      where: begun ? `${begun.latitude}, ${begun.longitude}` : '',
      name: begun?.name ?? '',
      address: begun?.address ?? '',
    },
    validate: { where: (written) => (pointIn(written) ? null : t('noPlace')) },
    validateInputOnBlur: ['where'],
  });
  const { where } = form.values;
  const point = useMemo(() => pointIn(where), [where]);
  const send = ({ name, address }: typeof form.values) => {
    if (!point) return;
    const [called, at] = [name.trim(), address.trim()];
    onSend({ type: 'location', ...point, name: called || null, address: at || null });
  };
  return (
    <Dialog title={t('sendLocation')} onClose={onClose}>
      <form onSubmit={form.onSubmit(send)} noValidate>
        <Stack gap="sm">
          <TextInput
            label={t('where')}
            description={t('whereHint')}
            required
            maxLength={2000}
            autoComplete="off"
            data-autofocus
            data-testid="place"
            {...form.getInputProps('where')}
          />
          {point && (
            <Anchor href={mapOf(point)} target="_blank" rel="noopener noreferrer" size="sm">
              {t('see')}
            </Anchor>
          )}
          <TextInput
            label={t('placeName')}
            placeholder={t('placeNameExample')}
            maxLength={MOST}
            autoComplete="off"
            {...form.getInputProps('name')}
          />
          <TextInput
            label={t('address')}
            maxLength={MOST}
            autoComplete="off"
            {...form.getInputProps('address')}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" data-testid="send-location">
              {t('send')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
