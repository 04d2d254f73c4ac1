import { ActionIcon, Button, Group, Menu, Paper, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots, IconPencil, IconPlus, IconTags, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { failed, told } from '../../app/notify';
import { PageFrame } from '../../app/PageFrame';
import { DANGER } from '../../app/theme';
import { common } from '../../i18n/common';
import { day } from '../../i18n/format';
import { LabelDialog } from './LabelDialog';
import classes from './Labels.module.css';
import { Mark } from './Mark';
import { type Label, useLabels, useRemoveLabel } from './queries';
import { labels } from './texts';

/** The labels of the tenant. */
export default function Labels() {
  const t = labels.useText();
  const list = useLabels();
  const [dialog, setDialog] = useState<Label | 'new' | null>(null);
  return (
    <PageFrame
      title={t('title')}
      description={t('description')}
      actions={
        <Button
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setDialog('new')}
          data-testid="add-label"
        >
          {t('add')}
        </Button>
      }
    >
      <Loaded query={list} rows={4}>
        {(all) =>
          all.length > 0 ? (
            <Paper withBorder component="ul" className={classes.list}>
              {all.map((label) => (
                <li key={label.id} className={classes.row} data-testid="label">
                  <Mark name={label.name} colour={label.colour} />
                  <Text size="sm" c="dimmed" visibleFrom="xs" ml="auto">
                    {label.created_at && t('since', { day: day(label.created_at) })}
                  </Text>
                  <LabelMenu label={label} onEdit={() => setDialog(label)} />
                </li>
              ))}
            </Paper>
          ) : (
            <EmptyState icon={IconTags} title={t('empty')}>
              {t('emptyHint')}
            </EmptyState>
          )
        }
      </Loaded>
      {dialog && (
        <LabelDialog label={dialog === 'new' ? null : dialog} onClose={() => setDialog(null)} />
      )}
    </PageFrame>
  );
}

function LabelMenu({ label: { id, name }, onEdit }: { label: Label; onEdit: () => void }) {
  const t = labels.useText();
  const word = common.useText();
  const remove = useRemoveLabel();
  const ask = () =>
    modals.openConfirmModal({
      title: t('removeTitle', { name }),
      children: <Text size="sm">{t('removeHint')}</Text>,
      labels: { confirm: t('remove'), cancel: word('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': word('close') },
      onConfirm: () =>
        remove.mutate(id, {
          onSuccess: () => told(t('removed')),
          onError: (error) => failed(error),
        }),
    });
  return (
    <Group ml={{ base: 'auto', xs: 0 }}>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon aria-label={t('actions', { name })} loading={remove.isPending}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
            {word('edit')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color={DANGER} leftSection={<IconTrash size={16} aria-hidden />} onClick={ask}>
            {t('remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
