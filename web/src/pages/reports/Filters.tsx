import { Group, SegmentedControl, Select } from '@mantine/core';
import { useDepartments, useEveryChannel, usePeople } from '../../api/directory';
import { me } from '../../api/session';
import { DaysInput } from '../../app/DaysInput';
import { useQueryParams } from '../../app/useQueryParam';
import { today } from '../../i18n/format';
import { type Days, PRESETS, type Preset } from './period';
import { reports } from './texts';

/** Which days, and which part of the attendance; all of it in the address. */
export function Filters({
  period,
  department,
  channel,
  person,
}: {
  period: Days & { preset: Preset | null };
  department: string | null;
  channel: string | null;
  person: string | null;
}) {
  const t = reports.useText();
  const [, set] = useQueryParams();
  const departments = useDepartments().data ?? [];
  const sees = me().permissions.includes('whatsapp:config');
  const channels = useEveryChannel(sees).data ?? [];
  const people = usePeople().data ?? [];
  // The figures are those of one part at a time.
  const only = (part: 'department' | 'channel' | 'person', value: string | null) =>
    set({ department: null, channel: null, person: null, [part]: value });
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
        label={t('custom')}
        from={period.from}
        to={period.to}
        last={today()}
        onChange={(days) => set({ period: null, ...days })}
      />
      {departments.length > 0 && (
        <Select
          aria-label={t('department')}
          placeholder={t('departments')}
          data={departments.map(({ id, name }) => ({ value: id, label: name }))}
          value={department}
          onChange={(value) => only('department', value)}
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
          onChange={(value) => only('channel', value)}
          clearable
          w={180}
        />
      )}
      {people.length > 1 && (
        <Select
          aria-label={t('attendant')}
          placeholder={t('attendants')}
          data={people.map(({ id, full_name }) => ({ value: id, label: full_name }))}
          value={person}
          onChange={(value) => only('person', value)}
          searchable
          clearable
          w={200}
        />
      )}
    </Group>
  );
}
