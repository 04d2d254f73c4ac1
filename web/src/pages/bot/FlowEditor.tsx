import { Alert, Button, Group, Paper, Stack, TextInput } from '@mantine/core';
import { IconAlertCircle, IconInfoCircle } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { ApiError } from '../../api/errors';
import { faultsOf } from '../../api/faults';
import { me, tenantInSight } from '../../api/session';
import { failed, told } from '../../app/notify';
import { SaveBar } from '../../app/SaveBar';
import { useQueryParam } from '../../app/useQueryParam';
import { common } from '../../i18n/common';
import { forget, recall, remember } from '../../local';
import classes from './Bot.module.css';
import { type Faults, type Flow, faultsByStep } from './flow';
import { Phone } from './Phone';
import { type StoredFlow, useReloadFlows, useSaveFlow } from './queries';
import { StepForm } from './StepForm';
import { StepList } from './StepList';
import { bot } from './texts';

interface Draft {
  name: string;
  flow: Flow;
}

/** What somebody began to write outlives the page, as long as nobody saved something else. */
function useDraft(stored: StoredFlow) {
  // The usual flow is everybody's as long as nobody has changed it.
  const whose = `${me().id}:${tenantInSight()}`;
  const key = `flow:${whose}:${stored.id ?? 'usual'}:${stored.version}`;
  const before: Draft = { name: stored.name, flow: stored.flow };
  const [draft, setDraft] = useState<Draft>(() => recall<Draft>(key, before));
  const [restored] = useState(() => JSON.stringify(draft) !== JSON.stringify(before));
  const changed = JSON.stringify(draft) !== JSON.stringify(before);
  useEffect(() => {
    if (changed) remember(key, draft);
    else forget(key);
  }, [key, draft, changed]);
  return {
    draft,
    setDraft,
    changed,
    restored: restored && changed,
    discard: () => setDraft(before),
    /** It is stored: what was kept here is not needed any more. */
    settle: () => forget(key),
  };
}

/** A flow as forms: its steps, one of them open, and how customers see it. */
export function FlowEditor({ stored }: { stored: StoredFlow }) {
  const t = bot.useText();
  const { draft, setDraft, changed, restored, discard, settle } = useDraft(stored);
  const [faults, setFaults] = useState<Faults>({});
  const [stale, setStale] = useState(false);
  const [asked, choose] = useQueryParam('step');
  const save = useSaveFlow();
  const reload = useReloadFlows();
  const step = asked !== null && asked in draft.flow.nodes ? asked : draft.flow.start;
  const node = draft.flow.nodes[step];
  const count = Object.values(faults).flatMap((fields) => Object.keys(fields)).length;

  function edit(flow: Flow) {
    setDraft((now) => ({ ...now, flow }));
  }

  function editStep(flow: Flow) {
    // What was said about this step may be mended by now.
    setFaults(({ [step]: _, ...rest }) => rest);
    edit(flow);
  }

  async function store() {
    setFaults({});
    try {
      const { id, version } = stored;
      const is_active = id ? stored.is_active : true;
      await save.mutateAsync({ id: id ?? null, is_active, version, ...draft });
      settle();
      told(common.say('saved'));
    } catch (error) {
      const found = faultsByStep(draft.flow, faultsOf(error));
      setFaults(found);
      const first = Object.keys(found).find((name) => name !== '');
      if (first !== undefined && !(step in found)) choose(first);
      if (error instanceof ApiError && error.code === 'stale') setStale(true);
      else if (Object.keys(found).length === 0) failed(error);
    }
  }

  return (
    <Stack gap="md">
      {!stored.id && (
        <Alert color="blue" icon={<IconInfoCircle size={18} aria-hidden />}>
          {t('usualFlowHint')}
        </Alert>
      )}
      {restored && (
        <Alert color="blue" icon={<IconInfoCircle size={18} aria-hidden />}>
          {t('restored')}
        </Alert>
      )}
      {stale && (
        <Alert
          color="yellow"
          title={t('stale')}
          icon={<IconAlertCircle size={18} aria-hidden />}
          role="alert"
        >
          {t('staleHint')}
          <Group mt="xs">
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => {
                discard();
                void reload();
              }}
            >
              {t('loadTheirs')}
            </Button>
          </Group>
        </Alert>
      )}
      {count > 0 && (
        <Alert
          color="red"
          title={t('faults', { count })}
          icon={<IconAlertCircle size={18} aria-hidden />}
          role="alert"
          data-testid="flow-faults"
        >
          {Object.values(faults[''] ?? {}).join(' · ')}
        </Alert>
      )}
      <div className={classes.editor}>
        <StepList
          flow={draft.flow}
          faults={faults}
          chosen={step}
          choose={choose}
          onChange={(flow, open) => {
            edit(flow);
            choose(open);
          }}
        />
        <Paper withBorder p="lg">
          <Stack>
            {step === draft.flow.start && (
              <TextInput
                label={t('flowName')}
                value={draft.name}
                onChange={(event) => {
                  const name = event.currentTarget.value;
                  setDraft((now) => ({ ...now, name }));
                }}
                error={faults['']?.name}
              />
            )}
            {node && (
              <StepForm
                key={step}
                flow={draft.flow}
                id={step}
                node={node}
                faults={faults[step] ?? {}}
                onChange={editStep}
                onRenamed={(flow, name) => {
                  edit(flow);
                  choose(name);
                }}
              />
            )}
          </Stack>
        </Paper>
        {node && <Phone flow={draft.flow} node={node} />}
      </div>
      <SaveBar
        changed={changed}
        saving={save.isPending}
        blocked={stale}
        onSave={() => void store()}
        onDiscard={() => {
          setFaults({});
          discard();
        }}
      />
    </Stack>
  );
}
