import { Button, Group, Select } from '@mantine/core';
import { IconCopy, IconPlayerPlay } from '@tabler/icons-react';
import { Loaded } from '../../app/Loaded';
import { failed, told } from '../../app/notify';
import { useQueryParam } from '../../app/useQueryParam';
import { FlowEditor } from './FlowEditor';
import { type StoredFlow, useFlows, useSaveFlow } from './queries';
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
  const save = useSaveFlow();
  const onError = (error: unknown) => failed(error);
  const { id = null, name, version, flow: script } = flow;
  const activate = () =>
    save.mutate(
      { id, name, version, flow: script, is_active: true },
      { onSuccess: () => told(t('activated')), onError },
    );
  const duplicate = () =>
    save.mutate(
      { id: null, name: t('copyOf', { name: flow.name }), is_active: false, flow: flow.flow },
      {
        onSuccess: ({ id }) => {
          told(t('duplicated'));
          choose(id ?? null);
        },
        onError,
      },
    );
  return (
    <Group mb="md" gap="sm" align="flex-end">
      <Select
        label={t('flow')}
        data={flows.map(({ id, name, is_active }) => ({
          value: id ?? '',
          label: is_active ? `${name} (${t('inUse')})` : name,
        }))}
        value={flow.id ?? ''}
        onChange={choose}
        allowDeselect={false}
        w={280}
      />
      {!flow.is_active && (
        <Button
          variant="light"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={save.isPending}
          onClick={activate}
        >
          {t('activate')}
        </Button>
      )}
      {flow.id && (
        <Button
          variant="default"
          leftSection={<IconCopy size={16} aria-hidden />}
          loading={save.isPending}
          onClick={duplicate}
        >
          {t('duplicate')}
        </Button>
      )}
    </Group>
  );
}
