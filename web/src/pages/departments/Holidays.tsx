import 'dayjs/locale/pt-br';
import { Button, Group, Pill, Stack, Text, Title } from '@mantine/core';
import { DatePickerInput, DatesProvider } from '@mantine/dates';
import { IconCalendarPlus, IconFlag } from '@tabler/icons-react';
import { today as todayHere } from '../../i18n/format';
import { language } from '../../i18n/i18n';
import { nationalHolidays } from './holidays';
import { departments } from './texts';

/** Days on which nobody attends. Past ones are kept, but not shown. */
export function Holidays({
  holidays,
  onChange,
}: {
  holidays: string[];
  onChange: (holidays: string[]) => void;
}) {
  const t = departments.useText();
  const today = todayHere();
  const year = Number(today.slice(0, 4));
  const ahead = holidays.filter((day) => day >= today).sort();
  const past = holidays.filter((day) => day < today);
  const missing = (of: number) =>
    nationalHolidays(of).filter((day) => day >= today && !holidays.includes(day));
  return (
    <Stack gap="xs">
      <div>
        <Title order={3} size="h6">
          {t('holidays')}
        </Title>
        <Text size="xs" c="dimmed">
          {t('holidaysHint')}
        </Text>
      </div>
      {ahead.length > 0 ? (
        <Group gap={6}>
          {ahead.map((day) => (
            <Pill
              key={day}
              size="md"
              withRemoveButton
              removeButtonProps={{
                'aria-label': t('removeHoliday', { day: spoken(day) }),
                'aria-hidden': false,
                tabIndex: 0,
              }}
              onRemove={() => onChange(holidays.filter((one) => one !== day))}
            >
              {spoken(day)}
            </Pill>
          ))}
        </Group>
      ) : (
        <Text size="sm">{t('noHolidays')}</Text>
      )}
      <Group gap="xs">
        <DatesProvider
          settings={{ locale: language() === 'en' ? 'en' : 'pt-br', firstDayOfWeek: 0 }}
        >
          <DatePickerInput
            type="multiple"
            aria-label={t('pickHolidays')}
            placeholder={t('pickHolidays')}
            leftSection={<IconCalendarPlus size={16} aria-hidden />}
            valueFormatter={() => t('pickHolidays')}
            minDate={today}
            value={ahead}
            onChange={(chosen) => onChange([...past, ...chosen])}
            w={180}
          />
        </DatesProvider>
        {[year, year + 1]
          .filter((one) => missing(one).length > 0)
          .map((one) => (
            <Button
              key={one}
              variant="default"
              leftSection={<IconFlag size={16} aria-hidden />}
              onClick={() => onChange([...holidays, ...missing(one)])}
            >
              {t('national', { year: one })}
            </Button>
          ))}
      </Group>
    </Stack>
  );
}

/** 25 de dez. de 2027 */
function spoken(day: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeZone: 'UTC' }).format(
    new Date(`${day}T12:00:00Z`),
  );
}
