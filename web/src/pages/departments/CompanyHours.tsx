import { Button, Group, Stack, Textarea, Title } from '@mantine/core';
import { useState } from 'react';
import { faultsOf } from '../../api/faults';
import { USUAL_WORDS } from '../../api/notices';
import { type Policy, useChangePolicy } from '../../api/policy';
import { useKept } from '../../app/kept';
import { failed, told } from '../../app/notify';
import { SaveBar } from '../../app/SaveBar';
import { common } from '../../i18n/common';
import { HoursEditor } from './HoursEditor';
import { draftOf, faultsIn, hoursOf } from './hours';
import { departments } from './texts';

/** The company's hours, and what customers are told outside of them. */
export function CompanyHours({ policy }: { policy: Policy }) {
  const t = departments.useText();
  const word = common.useText();
  const save = useChangePolicy();
  const before = { hours: draftOf(policy.business_hours), text: policy.texts.out_of_hours };
  const [{ hours, text }, setDraft] = useKept('company-hours', before);
  const change = (next: Partial<typeof before>) => setDraft((now) => ({ ...now, ...next }));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const changed = JSON.stringify({ hours, text }) !== JSON.stringify(before);
  const blocked = Object.keys(faultsIn(hours)).length > 0;

  async function store() {
    const written = hoursOf(hours);
    if (!written) return;
    try {
      const saved = await save.mutateAsync({
        business_hours: written,
        texts: { out_of_hours: text },
      });
      setDraft({ hours: draftOf(saved.business_hours), text: saved.texts.out_of_hours });
      setProblems({});
      told(word('saved'));
    } catch (error) {
      setProblems(faultsOf(error));
      failed(error);
    }
  }

  return (
    <Stack gap="lg">
      <HoursEditor
        draft={hours}
        onChange={(next) => change({ hours: next })}
        title={t('company')}
      />
      <Stack gap="xs">
        <Title order={3} size="h6">
          {t('outOfHours')}
        </Title>
        <Textarea
          aria-label={t('outOfHours')}
          description={t('outOfHoursHint')}
          value={text ?? USUAL_WORDS.out_of_hours}
          onChange={(event) => change({ text: event.currentTarget.value })}
          error={problems['texts.out_of_hours']}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={1024}
        />
        {text !== null && (
          <Group>
            <Button size="compact-sm" variant="subtle" onClick={() => change({ text: null })}>
              {t('outOfHoursUsual')}
            </Button>
          </Group>
        )}
      </Stack>
      <SaveBar
        changed={changed}
        saving={save.isPending}
        blocked={blocked}
        onSave={() => void store()}
        onDiscard={() => setDraft(before)}
      />
    </Stack>
  );
}
