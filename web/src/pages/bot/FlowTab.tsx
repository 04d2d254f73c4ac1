import { Badge, Button, Group, Select, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconCopy, IconDeviceMobile, IconRocket, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Loaded } from '../../app/Loaded';
import { failed, told } from '../../app/notify';
import { useQueryParam } from '../../app/useQueryParam';
import { common } from '../../i18n/common';
import { FlowEditor } from './FlowEditor';
import {
  type StoredFlow,
  useDeleteFlow,
  useFlows,
  usePublish,
  useSaveFlow,
  useTrials,
} from './queries';
import { TryDialog } from './TryDialog';
import { bot } from './texts';

/** Which flow, and the flow itself. */
export function FlowTab() {
  const flows = useFlows();
  const [chosen, choose] = useQueryParam('flow');
  return (
    <Loaded query={flows} rows={8}>
      {(all) => {
        const flow =
          all.find(({ id }) => id === chosen) ?? all.find(({ is_active }) => is_active) ?? all[0];
        if (!flow) return null;
        return (
          <>
            <FlowBar flows={all} flow={flow} choose={choose} />
            <FlowEditor key={`${flow.id}:${flow.version}`} stored={flow} />
          </>
        );
      }}
    </Loaded>
  );
}

function FlowBar({
  flows,
  flow,
  choose,
}: {
  flows: StoredFlow[];
  flow: StoredFlow;
  choose: (id: string | null) => void;
}) {
  const t = bot.useText();
  const word = common.useText();
  const save = useSaveFlow();
  const publish = usePublish();
  const trials = (useTrials().data ?? []).filter(({ flow_id }) => flow_id === flow.id);
  const [trying, setTrying] = useState(false);
  const onError = (error: unknown) => failed(error);
  const { id, name } = flow;
  const ask = (draft: { id: string; version: number }) =>
    modals.openConfirmModal({
      title: t('publishTitle', { name }),
      children: <Text size="sm">{t('publishHint')}</Text>,
      labels: { confirm: t('publish'), cancel: word('cancel') },
      closeButtonProps: { 'aria-label': word('close') },
      onConfirm: () => publish.mutate(draft, { onSuccess: () => told(t('published')), onError }),
    });
  const remove = useDeleteFlow();
  const askToDelete = (draft: string) =>
    modals.openConfirmModal({
      title: t('deleteTitle', { name }),
      labels: { confirm: t('deleteDraft'), cancel: word('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': word('close') },
      onConfirm: () =>
        remove.mutate(draft, {
          onSuccess: () => {
            told(t('deleted'));
            choose(null);
          },
          onError,
        }),
    });
  const duplicate = () =>
    save.mutate(
      { id: null, name: t('draftOf', { name }), is_active: false, flow: flow.flow },
      {
        onSuccess: ({ id: fresh }) => {
          told(t('duplicated'));
          choose(fresh ?? null);
        },
        onError,
      },
    );
  return (
    <Group mb="md" gap="sm" align="flex-end">
      <Select
        label={t('flow')}
        data={flows.map((one) => ({
          value: one.id ?? '',
          label: `${one.name} (${t(one.is_active ? 'inUse' : 'draft')})`,
        }))}
        value={flow.id ?? ''}
        onChange={choose}
        allowDeselect={false}
        w={{ base: '100%', xs: 300 }}
      />
      <Badge
        size="lg"
        variant="light"
        color={flow.is_active ? 'green' : 'yellow'}
        mb={6}
        data-testid="flow-standing"
      >
        {t(flow.is_active ? 'onAir' : 'draft')}
      </Badge>
      {id && !flow.is_active && (
        <Button
          leftSection={<IconRocket size={16} aria-hidden />}
          loading={publish.isPending}
          onClick={() => ask({ id, version: flow.version })}
        >
          {t('publish')}
        </Button>
      )}
      {id && (
        <Button
          variant="default"
          leftSection={<IconDeviceMobile size={16} aria-hidden />}
          rightSection={
            trials.length > 0 && (
              <Badge size="sm" variant="light" color="blue">
                {t('trying', { count: trials.length })}
              </Badge>
            )
          }
          onClick={() => setTrying(true)}
        >
          {t('tryOnPhone')}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconCopy size={16} aria-hidden />}
        loading={save.isPending}
        onClick={duplicate}
      >
        {t('asDraft')}
      </Button>
      {id && !flow.is_active && (
        <Button
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          loading={remove.isPending}
          onClick={() => askToDelete(id)}
        >
          {t('deleteDraft')}
        </Button>
      )}
      {trying && id && (
        <TryDialog flow={id} name={name} trials={trials} onClose={() => setTrying(false)} />
      )}
    </Group>
  );
}
