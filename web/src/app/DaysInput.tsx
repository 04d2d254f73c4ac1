import 'dayjs/locale/pt-br';
import { DateInput, type DateInputProps, DatePickerInput, DatesProvider } from '@mantine/dates';
import { IconCalendar } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { language } from '../i18n/i18n';

/** Any days, from one to another; what is chosen counts once both ends are. */
export function DaysInput({
  label,
  from,
  to,
  last,
  clearable,
  onChange,
}: {
  label: string;
  /** `YYYY-MM-DD`. */
  from: string | null;
  to: string | null;
  /** The last day that can be chosen. */
  last: string;
  clearable?: boolean;
  onChange: (days: { from: string | null; to: string | null }) => void;
}) {
  const [days, setDays] = useState<[string | null, string | null]>([from, to]);
  // As the button shows them: what is read out must say what is seen.
  const shown = days.filter((day) => day !== null).map((day) => day.split('-').reverse().join('/'));
  return (
    <Calendar>
      <DatePickerInput
        type="range"
        aria-label={[label, shown.join(' – ')].filter(Boolean).join(': ')}
        placeholder={label}
        leftSection={<IconCalendar size={16} aria-hidden />}
        valueFormat="DD/MM/YYYY"
        maxDate={last}
        allowSingleDateInRange
        clearable={clearable}
        value={days}
        onChange={(chosen) => {
          setDays(chosen);
          const [first, second] = chosen;
          if ((first === null) === (second === null)) onChange({ from: first, to: second });
        }}
        miw={230}
        flex={{ base: 1, sm: 'none' }}
      />
    </Calendar>
  );
}

/** One day, `YYYY-MM-DD`, which can be typed, too. */
export function DayInput(props: DateInputProps) {
  return (
    <Calendar>
      <DateInput valueFormat="DD/MM/YYYY" placeholder="DD/MM/AAAA" clearable {...props} />
    </Calendar>
  );
}

function Calendar({ children }: { children: ReactNode }) {
  return (
    <DatesProvider settings={{ locale: language() === 'en' ? 'en' : 'pt-br', firstDayOfWeek: 0 }}>
      {children}
    </DatesProvider>
  );
}
