import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
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
  const [resolution, setResolution] = useState('');

  const finish = () => {
    onClose();
    void close(id, resolution.trim());
    setResolution('');
  };

  return (
    <Modal opened={opened} onClose={onClose} title={t('closeTitle')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          finish();
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
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) finish();
            }}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" data-testid="confirm-finish">
              {t('finish')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
