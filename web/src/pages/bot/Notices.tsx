import { Button, Group, Paper, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { faultsOf } from '../../api/faults';
import { USUAL_WORDS } from '../../api/notices';
import { NOTICES, type Policy, useChangePolicy, usePolicy } from '../../api/policy';
import { useKept } from '../../app/kept';
import { Loaded } from '../../app/Loaded';
import { failed, told } from '../../app/notify';
import { SaveBar } from '../../app/SaveBar';
import { common } from '../../i18n/common';
import { bot } from './texts';

/** What customers are told on occasions that are no part of a flow. */
export function Notices() {
  const policy = usePolicy();
  return (
    <Loaded query={policy} rows={6} height={90}>
      {(rules) => <NoticesForm policy={rules} />}
    </Loaded>
  );
}

function NoticesForm({ policy }: { policy: Policy }) {
  const t = bot.useText();
  const save = useChangePolicy();
  const [texts, setTexts] = useKept('notices', policy.texts);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const differs = NOTICES.filter((notice) => texts[notice] !== policy.texts[notice]);

  async function store() {
    try {
      // Only what was changed here: others may have changed the rest.
      const changed = Object.fromEntries(differs.map((notice) => [notice, texts[notice]]));
      const saved = await save.mutateAsync({ texts: changed });
      setTexts(saved.texts);
      setFaults({});
      told(common.say('saved'));
    } catch (error) {
      setFaults(faultsOf(error));
      failed(error);
    }
  }

  return (
    <Paper withBorder p="lg" maw={760}>
      <Stack gap="lg">
        <Text size="sm" c="dimmed">
          {t('noticesHint', {
            attendant: '{attendant}',
            position: '{position}',
            minutes: '{minutes}',
          })}
        </Text>
        {NOTICES.map((notice) => (
          <div key={notice}>
            <Textarea
              label={t(`notice_${notice}`)}
              value={texts[notice] ?? USUAL_WORDS[notice]}
              onChange={(event) => {
                const words = event.currentTarget.value;
                setTexts((now) => ({ ...now, [notice]: words }));
              }}
              error={faults[`texts.${notice}`]}
              autosize
              minRows={1}
              maxRows={8}
              maxLength={1024}
            />
            {texts[notice] !== null && texts[notice] !== undefined && (
              <Group mt={4}>
                <Button
                  size="compact-xs"
                  variant="subtle"
                  onClick={() => setTexts((now) => ({ ...now, [notice]: null }))}
                >
                  {t('usual')}
                </Button>
              </Group>
            )}
          </div>
        ))}
        <SaveBar
          changed={differs.length > 0}
          saving={save.isPending}
          blocked={false}
          onSave={() => void store()}
          onDiscard={() => setTexts(policy.texts)}
        />
      </Stack>
    </Paper>
  );
}
