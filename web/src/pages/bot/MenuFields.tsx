import {
  ActionIcon,
  Button,
  Collapse,
  Group,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowUp, IconChevronDown, IconPlus, IconTrash } from '@tabler/icons-react';
import classes from './Bot.module.css';
import { NextSelect, TextField } from './fields';
import {
  BUTTON_TITLE_MAX,
  type Flow,
  type MenuNode,
  type Option,
  oneOption,
  ROW_TITLE_MAX,
  STYLES,
  shapeOf,
} from './flow';
import { bot } from './texts';

const OPTIONS_MAX = 20;

export function MenuFields({
  flow,
  node,
  faults,
  onChange,
}: {
  flow: Flow;
  node: MenuNode;
  faults: Record<string, string>;
  onChange: (node: MenuNode) => void;
}) {
  const t = bot.useText();
  const set = (options: Option[]) => onChange({ ...node, options });
  const change = (at: number, option: Option) =>
    set(node.options.map((now, place) => (place === at ? option : now)));
  function up(at: number) {
    const options = [...node.options];
    const [moved] = options.splice(at, 1);
    if (moved) options.splice(at - 1, 0, moved);
    set(options);
  }
  const shape = shapeOf(node);
  return (
    <>
      <TextField
        flow={flow}
        value={node.text}
        onChange={(text) => onChange({ ...node, text })}
        error={faults.text}
      />
      <Stack gap="xs">
        <Text size="sm" fw={500}>
          {t('options')}
        </Text>
        {node.options.map((option, at) => (
          <OptionFields
            key={option.id}
            flow={flow}
            option={option}
            place={at}
            titleMax={shape === 'buttons' ? BUTTON_TITLE_MAX : ROW_TITLE_MAX}
            faults={faults}
            onChange={(changed) => change(at, changed)}
            onUp={at > 0 ? () => up(at) : undefined}
            onRemove={
              node.options.length > 1
                ? () => set(node.options.filter((_, place) => place !== at))
                : undefined
            }
          />
        ))}
        {faults.options && (
          <Text size="xs" c="red" role="alert">
            {faults.options}
          </Text>
        )}
        <Group>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={node.options.length >= OPTIONS_MAX}
            onClick={() => set([...node.options, oneOption(node.options, flow.start)])}
          >
            {t('addOption')}
          </Button>
        </Group>
      </Stack>
      <Select
        label={t('style')}
        data={STYLES.map((value) => ({ value, label: t(value) }))}
        value={node.style ?? 'auto'}
        onChange={(style) => style && onChange({ ...node, style })}
        allowDeselect={false}
      />
      <Group grow align="flex-start">
        <TextInput
          label={t('header')}
          value={node.header ?? ''}
          onChange={(event) =>
            onChange({ ...node, header: event.currentTarget.value || undefined })
          }
          error={faults.header}
          maxLength={60}
        />
        <TextInput
          label={t('footer')}
          value={node.footer ?? ''}
          onChange={(event) =>
            onChange({ ...node, footer: event.currentTarget.value || undefined })
          }
          error={faults.footer}
          maxLength={60}
        />
      </Group>
      {shape === 'list' && (
        <TextInput
          label={t('button')}
          placeholder={t('listButton')}
          value={node.button ?? ''}
          onChange={(event) =>
            onChange({ ...node, button: event.currentTarget.value || undefined })
          }
          error={faults.button}
          maxLength={20}
        />
      )}
    </>
  );
}

function OptionFields({
  flow,
  option,
  place,
  titleMax,
  faults,
  onChange,
  onUp,
  onRemove,
}: {
  flow: Flow;
  option: Option;
  place: number;
  /** So many characters fit into its button or row. */
  titleMax: number;
  faults: Record<string, string>;
  onChange: (option: Option) => void;
  onUp?: () => void;
  onRemove?: () => void;
}) {
  const t = bot.useText();
  const count = place + 1;
  const fault = (field: string) => faults[`options[${place}].${field}`];
  // Of keywords, the fault names the word's place.
  const keywordFault = Object.entries(faults).find(([path]) =>
    path.startsWith(`options[${place}].keywords`),
  );
  const [open, { toggle }] = useDisclosure(
    keywordFault !== undefined || fault('description') !== undefined,
  );
  const length = [...option.title].length;
  return (
    <fieldset className={classes.option} aria-label={t('option', { count })}>
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <Group grow flex={1} gap="xs" align="flex-start">
          <TextInput
            aria-label={t('optionTitle', { count })}
            placeholder={t('option', { count })}
            value={option.title}
            onChange={(event) => onChange({ ...option, title: event.currentTarget.value })}
            error={fault('title') ?? faults[`options[${place}]`] ?? fault('id')}
            rightSection={
              <Text size="xs" c={length > titleMax ? 'red' : 'dimmed'}>
                {length}/{titleMax}
              </Text>
            }
            rightSectionWidth={48}
            miw={140}
          />
          <NextSelect
            flow={flow}
            label={t('optionNext', { count })}
            hideLabel
            value={option.next}
            onChange={(next) => onChange({ ...option, next })}
            error={fault('next')}
          />
        </Group>
        <ActionIcon.Group mt={4}>
          <ActionIcon
            aria-label={t('details', { count })}
            aria-expanded={open}
            variant="default"
            onClick={toggle}
          >
            <IconChevronDown size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            aria-label={t('moveUp', { count })}
            variant="default"
            disabled={!onUp}
            onClick={onUp}
          >
            <IconArrowUp size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            aria-label={t('removeOption', { count })}
            variant="default"
            disabled={!onRemove}
            onClick={onRemove}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </ActionIcon.Group>
      </Group>
      <Collapse expanded={open}>
        <Stack gap="xs" mt="xs">
          <TextInput
            label={t('optionDescription')}
            value={option.description ?? ''}
            onChange={(event) =>
              onChange({ ...option, description: event.currentTarget.value || undefined })
            }
            error={fault('description')}
            maxLength={72}
          />
          <TagsInput
            label={t('keywords')}
            description={t('keywordsHint')}
            value={option.keywords ?? []}
            onChange={(keywords) => onChange({ ...option, keywords })}
            error={keywordFault?.[1]}
            maxTags={20}
          />
        </Stack>
      </Collapse>
    </fieldset>
  );
}
