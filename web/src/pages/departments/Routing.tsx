import { Anchor, NumberInput, Radio, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { faultsOf } from '../../api/faults';
import { type Policy, type Routing as Rules, STRATEGIES, useChangePolicy } from '../../api/policy';
import type { Department } from '../../api/types';
import { useKept } from '../../app/kept';
import { failed, told } from '../../app/notify';
import { SaveBar } from '../../app/SaveBar';
import { SkillsInput } from '../../app/SkillsInput';
import { common } from '../../i18n/common';
import { useChangeDepartment } from './queries';
import { departments } from './texts';

/** What a department's requests need, at most. */
const SKILLS_MAX = 2;

interface Draft extends Rules {
  /** The company's alone; seconds. */
  aging?: number;
}

/** How a department's requests find somebody. */
export function DepartmentRouting({ department }: { department: Department }) {
  const save = useChangeDepartment();
  const strategy = STRATEGIES.find((one) => one === department.strategy) ?? 'pull';
  const { offer_seconds, skills } = department;
  return (
    <RoutingForm
      name={department.id}
      title={department.name}
      before={{ strategy, offer_seconds, skills }}
      store={(change) => save.mutateAsync({ id: department.id, change })}
    />
  );
}

/** How those requests do that belong to no department, and what counts for all. */
export function CompanyRouting({ policy: { routing, aging } }: { policy: Policy }) {
  const t = departments.useText();
  const save = useChangePolicy();
  return (
    <RoutingForm
      name="company"
      title={t('company')}
      hint={t('companyRouting')}
      before={{ ...routing, aging }}
      store={({ aging: weight, ...rules }) => save.mutateAsync({ routing: rules, aging: weight })}
    />
  );
}

function RoutingForm({
  name,
  title,
  hint,
  before,
  store,
}: {
  /** What is kept of it is called so. */
  name: string;
  title: string;
  hint?: string;
  before: Draft;
  store: (draft: Draft) => Promise<unknown>;
}) {
  const t = departments.useText();
  const [draft, setDraft] = useKept(`routing:${name}`, before);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [saving, setSaving] = useState(false);
  const { strategy, offer_seconds, skills, aging } = draft;
  const patch = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }));

  async function save() {
    setSaving(true);
    setFaults({});
    try {
      await store(draft);
      told(common.say('saved'));
    } catch (error) {
      const found = faultsOf(error);
      setFaults(found);
      if (Object.keys(found).length === 0) failed(error);
    }
    setSaving(false);
  }

  return (
    <Stack gap="lg">
      <div>
        <Title order={2} size="h5">
          {title}
        </Title>
        {hint && (
          <Text size="sm" c="dimmed">
            {hint}
          </Text>
        )}
      </div>
      <Radio.Group
        label={t('routing')}
        value={strategy}
        onChange={(chosen) => {
          const known = STRATEGIES.find((one) => one === chosen);
          if (known) patch({ strategy: known });
        }}
      >
        <Stack gap="sm" mt="xs">
          {STRATEGIES.map((one) => (
            <Radio key={one} value={one} label={t(one)} description={t(`${one}Hint`)} />
          ))}
        </Stack>
      </Radio.Group>
      {strategy !== 'pull' && (
        <NumberInput
          label={t('offerSeconds')}
          description={t('offerHint')}
          suffix={t('seconds')}
          min={5}
          max={600}
          allowDecimal={false}
          value={offer_seconds}
          onChange={(value) => typeof value === 'number' && patch({ offer_seconds: value })}
          error={faults.offer_seconds ?? faults['routing.offer_seconds']}
          maw={260}
        />
      )}
      <SkillsInput
        label={t('skills')}
        description={t('skillsHint')}
        max={SKILLS_MAX}
        value={skills}
        onChange={(chosen) => patch({ skills: chosen })}
        error={faults.skills ?? faults['routing.skills']}
      />
      {aging !== undefined && (
        <NumberInput
          label={t('aging')}
          description={t('agingHint')}
          suffix={t('minutes')}
          min={0}
          max={1440}
          allowDecimal={false}
          value={Math.round(aging / 60)}
          onChange={(value) => typeof value === 'number' && patch({ aging: value * 60 })}
          error={faults.aging}
          maw={420}
        />
      )}
      <Text size="sm" c="dimmed">
        {t('capacityHint')}{' '}
        <Anchor component={Link} to="/team" size="sm" underline="always">
          {t('openTeam')}
        </Anchor>
      </Text>
      <SaveBar
        changed={JSON.stringify(draft) !== JSON.stringify(before)}
        saving={saving}
        blocked={false}
        onSave={() => void save()}
        onDiscard={() => setDraft(before)}
      />
    </Stack>
  );
}
