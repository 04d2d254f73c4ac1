import { ActionIcon, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconTrash } from '@tabler/icons-react';
import { common } from '../../i18n/common';
import { useDiscard } from './queries';
import { engine } from './texts';

/** Throws something away that was given up, after a question. */
export function Discard({ what, id }: { what: 'jobs' | 'dead-letters'; id: number }) {
  const t = engine.useText();
  const word = common.useText();
  const discard = useDiscard(what);
  const ask = () =>
    modals.openConfirmModal({
      title: t('discardTitle'),
      children: <Text size="sm">{t('discardHint')}</Text>,
      labels: { confirm: t('discard'), cancel: word('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': word('close') },
      onConfirm: () => discard.mutate(id),
    });
  return (
    <ActionIcon aria-label={t('discard')} loading={discard.isPending} onClick={ask}>
      <IconTrash size={16} aria-hidden />
    </ActionIcon>
  );
}
