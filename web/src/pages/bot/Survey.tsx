import { Paper, Select, Stack, Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import { faultsOf } from '../../api/faults';
import { type Csat, useChangePolicy, usePolicy } from '../../api/policy';
import { useKept } from '../../app/kept';
import { Loaded } from '../../app/Loaded';
import { failed, told } from '../../app/notify';
import { SaveBar } from '../../app/SaveBar';
import { common } from '../../i18n/common';
import { formOf } from '../../templates/form';
import { languageName } from '../../templates/names';
import { Preview } from '../../templates/Preview';
import { APPROVED, useTemplates } from '../../templates/queries';
import { bot } from './texts';

/** Whether customers are asked how they were served, and how those who are out of reach. */
export function Survey() {
  const policy = usePolicy();
  return (
    <Loaded query={policy} rows={4} height={60}>
      {({ csat }) => <SurveyForm csat={csat} />}
    </Loaded>
  );
}

const keyOf = ({ name, language }: { name: string; language: string }) => `${name}/${language}`;

function SurveyForm({ csat }: { csat: Csat }) {
  const t = bot.useText();
  const save = useChangePolicy();
  const [now, setNow] = useKept('survey', csat);
  const [fault, setFault] = useState<string | null>(null);
  const chosen = now.template ? keyOf(now.template) : null;
  const query = useTemplates({ channel: null, status: APPROVED, q: '' });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  // The field looks among all of them.
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const usable = query.rows.filter((one) => {
    const { slots, strange } = formOf(one);
    return slots.length === 0 && !strange;
  });
  const shown = usable.find((one) => keyOf(one) === chosen);
  const options = new Map(
    [...usable, ...(now.template ? [now.template] : [])].map((one) => [
      keyOf(one),
      `${one.name} · ${languageName(one.language)}`,
    ]),
  );
  const change = (next: Partial<Csat>) => {
    setNow((before) => ({ ...before, ...next }));
    setFault(null);
  };
  const discard = () => {
    setNow(csat);
    setFault(null);
  };

  async function store() {
    const { template, ...rest } = now;
    const named = template && { name: template.name, language: template.language };
    try {
      const saved = await save.mutateAsync({
        csat: { ...rest, ...(named && { template: named }) },
      });
      setNow(saved.csat);
      told(common.say('saved'));
    } catch (error) {
      const faults = faultsOf(error);
      const about = Object.keys(faults).find((field) => field.startsWith('csat.template'));
      setFault(about ? (faults[about] ?? null) : null);
      if (!about) failed(error);
    }
  }

  const changed =
    now.enabled !== csat.enabled ||
    now.ask_comment !== csat.ask_comment ||
    chosen !== (csat.template ? keyOf(csat.template) : null);
  return (
    <Paper withBorder p="lg" maw={760}>
      <Stack gap="lg">
        <Switch
          label={t('surveyOn')}
          description={t('surveyOnHint')}
          checked={now.enabled}
          onChange={(event) => change({ enabled: event.currentTarget.checked })}
        />
        <Switch
          label={t('surveyComment')}
          checked={now.ask_comment}
          disabled={!now.enabled}
          onChange={(event) => change({ ask_comment: event.currentTarget.checked })}
        />
        <Select
          label={t('surveyTemplate')}
          description={t('surveyTemplateHint')}
          placeholder={t('surveyNone')}
          data={[...options].map(([value, label]) => ({ value, label }))}
          value={chosen}
          onChange={(key) => {
            const [name = '', language = ''] = key?.split('/') ?? [];
            change({ template: key ? { name, language } : undefined });
          }}
          searchable
          clearable
          nothingFoundMessage={t('surveyMissing')}
          disabled={!now.enabled}
          error={fault}
        />
        {shown && <Preview form={formOf(shown)} values={{}} />}
        <SaveBar
          changed={changed}
          saving={save.isPending}
          blocked={false}
          onSave={() => void store()}
          onDiscard={discard}
        />
      </Stack>
    </Paper>
  );
}
