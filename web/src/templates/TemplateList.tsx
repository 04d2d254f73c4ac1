import { Badge, Group, Select, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconTemplate } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { EmptyState } from '../app/EmptyState';
import { Loaded } from '../app/Loaded';
import { MoreRows } from '../app/MoreRows';
import { formOf, type Template } from './form';
import { categoryName, languageName } from './names';
import { APPROVED, useTemplates } from './queries';
import classes from './Templates.module.css';
import { templates } from './texts';

/** The approved templates of a number, to choose one. */
export function TemplateList({
  channel,
  onPick,
  autoFocus = true,
}: {
  channel: string;
  onPick: (template: Template) => void;
  autoFocus?: boolean;
}) {
  const t = templates.useText();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const [language, setLanguage] = useState<string | null>(null);
  const query = useTemplates({ channel, status: APPROVED, q });
  const box = useRef<HTMLDivElement>(null);
  const languages = [...new Set(query.rows.map((one) => one.language))].sort();
  const rows = query.rows.filter((one) => language === null || one.language === language);

  /** The arrows walk through the list, from the field of words, too. */
  const walk = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const from = event.target instanceof HTMLElement ? event.target : null;
    if (step === 0 || from?.getAttribute('aria-haspopup') === 'listbox') return;
    const all = [...(box.current?.querySelectorAll<HTMLElement>('button:not(:disabled)') ?? [])];
    const at = from ? all.indexOf(from) : -1;
    const next = all[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: all in it can be reached with Tab, too.
    <div onKeyDown={walk}>
      <Stack gap="xs">
        <Group gap="xs" align="flex-end">
          <TextInput
            type="search"
            aria-label={t('search')}
            placeholder={t('search')}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            maxLength={100}
            flex={1}
            miw={180}
            data-autofocus={autoFocus || undefined}
            data-testid="template-search"
          />
          {(languages.length > 1 || language !== null) && (
            <Select
              aria-label={t('language')}
              placeholder={t('anyLanguage')}
              data={languages.map((one) => ({ value: one, label: languageName(one) }))}
              value={language}
              onChange={setLanguage}
              clearable
              w={190}
            />
          )}
        </Group>
        <Loaded query={query} rows={4} height={52}>
          {() =>
            rows.length === 0 && !query.hasNextPage ? (
              <EmptyState icon={IconTemplate} title={t(q ? 'notFound' : 'none')}>
                {t(q ? 'notFoundHint' : 'noneHint')}
              </EmptyState>
            ) : (
              <div className={classes.list} ref={box}>
                {rows.map((template) => (
                  <Row
                    key={`${template.waba_id}/${template.name}/${template.language}`}
                    template={template}
                    onPick={onPick}
                  />
                ))}
                <MoreRows query={query} />
              </div>
            )
          }
        </Loaded>
      </Stack>
    </div>
  );
}

function Row({ template, onPick }: { template: Template; onPick: (template: Template) => void }) {
  const t = templates.useText();
  const { body, strange } = formOf(template);
  return (
    <UnstyledButton
      className={classes.row}
      disabled={strange}
      onClick={() => onPick(template)}
      data-testid="template"
    >
      <Group gap="xs" wrap="nowrap">
        <Text fw={600} size="sm" truncate>
          {template.name}
        </Text>
        <Badge size="sm" variant="light" color="gray" flex="none" ml="auto">
          {languageName(template.language)}
        </Badge>
        {template.category && (
          <Badge size="sm" variant="light" color="blue" flex="none" visibleFrom="xs">
            {categoryName(template.category)}
          </Badge>
        )}
      </Group>
      <span className={classes.sample}>{strange ? t('strange') : body}</span>
    </UnstyledButton>
  );
}
