import 'dayjs/locale/pt-br';
import { Group, SegmentedControl, Select } from '@mantine/core';
import { DatePickerInput, DatesProvider } from '@mantine/dates';
import { IconCalendar } from '@tabler/icons-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useDepartments } from '../../api/directory';
import { me } from '../../api/session';
import { language } from '../../i18n/i18n';
import { type Days, PRESETS, type Preset, today } from './period';
import { useChannelNames } from './queries';
import { reports } from './texts';

/** Which days, and which part of the attendance; all of it in the address. */
export function Filters({
  period,
  department,
  channel,
}: {
  period: Days & { preset: Preset | null };
  department: string | null;
  channel: string | null;
}) {
  const t = reports.useText();
  const [, setParams] = useSearchParams();
  const departments = useDepartments().data ?? [];
  const sees = me().permissions.includes('whatsapp:config');
  const channels = useChannelNames(sees).data ?? [];
  const set = (change: Record<string, string | null>) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        for (const [name, value] of Object.entries(change)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      },
      { replace: true },
    );
  return (
    <Group gap="sm">
      <SegmentedControl
        aria-label={t('period')}
        value={period.preset ?? ''}
        onChange={(preset) => set({ period: preset, from: null, to: null })}
        data={PRESETS.map((value) => ({ value, label: t(value) }))}
        visibleFrom="sm"
      />
      <Select
        aria-label={t('period')}
        value={period.preset}
        placeholder={t('custom')}
        onChange={(preset) => set({ period: preset, from: null, to: null })}
        data={PRESETS.map((value) => ({ value, label: t(value) }))}
        hiddenFrom="sm"
        w="100%"
      />
      <DaysInput
        key={`${period.from}:${period.to}`}
        period={period}
        onChange={(days) => set({ period: null, ...days })}
      />
      {departments.length > 0 && (
        <Select
          aria-label={t('department')}
          placeholder={t('departments')}
          data={departments.map(({ id, name }) => ({ value: id, label: name }))}
          value={department}
          onChange={(value) => set({ department: value })}
          clearable
          w={210}
        />
      )}
      {channels.length > 1 && (
        <Select
          aria-label={t('channel')}
          placeholder={t('channels')}
          data={channels.map(({ id, name }) => ({ value: id, label: name }))}
          value={channel}
          onChange={(value) => set({ channel: value })}
          clearable
          w={180}
        />
      )}
    </Group>
  );
}

/** Any days; what is chosen counts once both ends are. */
function DaysInput({
  period,
  onChange,
}: {
  period: Days;
  onChange: (days: Record<string, string>) => void;
}) {
  const t = reports.useText();
  const [days, setDays] = useState<[string | null, string | null]>([period.from, period.to]);
  // As the button shows them: what is read out must say what is seen.
  const shown = days.filter((day) => day !== null).map((day) => day.split('-').reverse().join('/'));
  return (
    <DatesProvider settings={{ locale: language() === 'en' ? 'en' : 'pt-br', firstDayOfWeek: 0 }}>
      <DatePickerInput
        type="range"
        aria-label={`${t('custom')}: ${shown.join(' – ')}`}
        leftSection={<IconCalendar size={16} aria-hidden />}
        valueFormat="DD/MM/YYYY"
        maxDate={today()}
        allowSingleDateInRange
        value={days}
        onChange={(chosen) => {
          setDays(chosen);
          const [from, to] = chosen;
          if (from && to) onChange({ from, to });
        }}
        miw={230}
      />
    </DatesProvider>
  );
}
