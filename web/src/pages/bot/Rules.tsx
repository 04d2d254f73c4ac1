import { Fieldset, NumberInput, Paper, Select, Stack, Switch, TagsInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { faultsOf } from '../../api/faults';
import { type Policy, useChangePolicy, usePolicy } from '../../api/policy';
import { useKeptForm } from '../../app/kept';
import { Loaded } from '../../app/Loaded';
import { failed, told } from '../../app/notify';
import { SaveBar } from '../../app/SaveBar';
import { common } from '../../i18n/common';
import { bot } from './texts';

/** When the bot calls a person, and how long everybody waits. */
export function Rules() {
  const policy = usePolicy();
  return (
    <Loaded query={policy} rows={6} height={60}>
      {(rules) => <RulesForm policy={rules} />}
    </Loaded>
  );
}

/** Fields of numbers are no wider than numbers; what they mean has all the room. */
const NARROW = { wrapper: { maxWidth: 160 } };

/** 30 days, the most the server takes. */
const MINUTES_MAX = 30 * 24 * 60;

const valuesOf = (policy: Policy) => ({
  handoff_keywords: policy.handoff_keywords,
  max_misses: policy.max_misses,
  bot_idle: policy.bot_idle / 60,
  waiting_too_long: policy.waiting_too_long / 60,
  human_idle: policy.human_idle / 60,
  human_idle_action: policy.human_idle_action,
  show_read: policy.show_read,
  coalesce_quiet_ms: policy.coalesce_quiet_ms / 1000,
});

function RulesForm({ policy }: { policy: Policy }) {
  const t = bot.useText();
  const save = useChangePolicy();
  const form = useKeptForm('rules', useForm({ initialValues: valuesOf(policy) }));

  const submit = form.onSubmit(async (values) => {
    const quiet = Math.round(Number(values.coalesce_quiet_ms) * 1000);
    try {
      const saved = await save.mutateAsync({
        ...values,
        bot_idle: Math.round(Number(values.bot_idle) * 60),
        waiting_too_long: Math.round(Number(values.waiting_too_long) * 60),
        human_idle: Math.round(Number(values.human_idle) * 60),
        coalesce_quiet_ms: quiet,
        coalesce_max_ms: Math.max(policy.coalesce_max_ms, quiet),
      });
      form.setInitialValues(valuesOf(saved));
      form.reset();
      told(common.say('saved'));
    } catch (error) {
      const faults = faultsOf(error);
      const [keyword] = Object.entries(faults).filter(([field]) => field.startsWith('handoff_'));
      if (keyword) faults.handoff_keywords = keyword[1];
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
    }
  });

  const minutes = {
    description: t('afterMinutes'),
    suffix: t('minutes'),
    min: 0,
    max: MINUTES_MAX,
    allowDecimal: false,
    styles: NARROW,
  };
  return (
    <Paper withBorder p="lg" maw={760}>
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          <TagsInput
            label={t('keywordsRule')}
            description={t('keywordsRuleHint')}
            maxTags={50}
            {...form.getInputProps('handoff_keywords')}
          />
          <NumberInput
            label={t('misses')}
            min={1}
            max={10}
            allowDecimal={false}
            styles={NARROW}
            {...form.getInputProps('max_misses')}
          />
          <NumberInput
            label={t('quiet')}
            description={t('quietHint')}
            suffix={t('seconds')}
            min={0}
            max={60}
            decimalScale={1}
            styles={NARROW}
            {...form.getInputProps('coalesce_quiet_ms')}
          />
          <Fieldset legend={t('waits')}>
            <Stack gap="md">
              <NumberInput label={t('botIdle')} {...minutes} {...form.getInputProps('bot_idle')} />
              <NumberInput
                label={t('waitingTooLong')}
                {...minutes}
                {...form.getInputProps('waiting_too_long')}
              />
              <NumberInput
                label={t('humanIdle')}
                {...minutes}
                {...form.getInputProps('human_idle')}
              />
              <Select
                label={t('idleAction')}
                data={[
                  { value: 'requeue', label: t('requeue') },
                  { value: 'keep', label: t('keep') },
                ]}
                allowDeselect={false}
                maw={260}
                {...form.getInputProps('human_idle_action')}
              />
            </Stack>
          </Fieldset>
          <Switch
            label={t('showRead')}
            {...form.getInputProps('show_read', { type: 'checkbox' })}
          />
          <SaveBar
            changed={form.isDirty()}
            saving={form.submitting}
            blocked={false}
            onSave={() => submit()}
            onDiscard={() => form.reset()}
          />
        </Stack>
      </form>
    </Paper>
  );
}
