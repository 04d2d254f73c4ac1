import { Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconDeviceMobile } from '@tabler/icons-react';
import { useState } from 'react';
import { faultsOf } from '../../api/faults';
import { Dialog } from '../../app/Dialog';
import { failed, told } from '../../app/notify';
import { common } from '../../i18n/common';
import { dialled, phone, time } from '../../i18n/format';
import { type Trial, useEndTrials, useTry } from './queries';
import { bot } from './texts';

/** One phone talks to a draft, and all others to what is on air. */
export function TryDialog({
  flow,
  name,
  trials,
  onClose,
}: {
  flow: string;
  name: string;
  trials: Trial[];
  onClose: () => void;
}) {
  const t = bot.useText();
  const word = common.useText();
  const begin = useTry(flow);
  const end = useEndTrials(flow);
  const [written, setWritten] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <Dialog onClose={onClose} title={t('tryTitle', { name })}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const number = dialled(written);
          setProblem(number ? null : t('tryPhoneNeeded'));
          if (!number) return;
          begin.mutate(number, {
            onSuccess: () => {
              told(t('tryStarted'));
              setWritten('');
            },
            onError: (error) => {
              const fault = faultsOf(error).phone;
              setProblem(fault ?? null);
              if (!fault) failed(error);
            },
          });
        }}
      >
        <Stack>
          <Text size="sm">{t('tryHint')}</Text>
          {trials.map(({ customer_id, customer_name, phone: digits, until }) => (
            <Paper key={customer_id} withBorder p="xs" data-testid="trial">
              <Group gap="xs" wrap="nowrap">
                <IconDeviceMobile size={18} aria-hidden />
                <Text size="sm" fw={600}>
                  {[customer_name, digits && phone(digits)].filter(Boolean).join(' · ')}
                </Text>
                <Text size="sm" c="dimmed" ml="auto">
                  {t('tryUntil', { time: time(until) })}
                </Text>
              </Group>
            </Paper>
          ))}
          <TextInput
            label={t('tryPhone')}
            description={t('tryPhoneHint')}
            type="tel"
            autoComplete="off"
            data-autofocus
            value={written}
            onChange={(event) => setWritten(event.currentTarget.value)}
            error={problem}
          />
          <Group justify="space-between">
            {trials.length > 0 ? (
              <Button
                variant="subtle"
                color="red"
                loading={end.isPending}
                onClick={() =>
                  end.mutate(undefined, {
                    onSuccess: () => told(t('tryEnded')),
                    onError: (error) => failed(error),
                  })
                }
              >
                {t('tryEnd')}
              </Button>
            ) : (
              <span />
            )}
            <Group gap="xs">
              <Button variant="default" onClick={onClose}>
                {word('close')}
              </Button>
              <Button type="submit" loading={begin.isPending}>
                {t('tryStart')}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
