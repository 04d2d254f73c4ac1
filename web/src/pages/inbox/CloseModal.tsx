import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useKept } from '../../app/kept';
import { common } from '../../i18n/common';
import { close } from './actions';
import { inbox } from './texts';

export function CloseModal({
  id,
  opened,
  onClose,
}: {
  id: string;
  opened: boolean;
  onClose: () => void;
}) {
  const t = inbox.useText();
  const word = common.useText();
  const [resolution, setResolution, forget] = useKept(`close:${id}`, '');
  const [busy, setBusy] = useState(false);

  const finish = async () => {
    if (busy) return;
    setBusy(true);
    const done = await close(id, resolution.trim());
    setBusy(false);
    // What could not be done keeps its words.
    if (!done) return;
    forget();
    onClose();
  };

  return (
    <Modal opened={opened} onClose={onClose} title={t('closeTitle')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void finish();
        }}
      >
        <Stack>
          <Textarea
            label={t('resolution')}
            description={t('resolutionHint')}
            value={resolution}
            maxLength={1000}
            autosize
            minRows={2}
            data-autofocus
            onChange={(event) => setResolution(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void finish();
            }}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" loading={busy} data-testid="confirm-finish">
              {t('finish')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
