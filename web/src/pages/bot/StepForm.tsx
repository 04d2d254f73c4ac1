import { Button, Group, Select, Stack, Switch, Text, TextInput, Title } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useDepartments } from '../../api/directory';
import type { KeyOf } from '../../i18n/texts';
import { NextSelect, TextField } from './fields';
import { type Flow, type Node, renamed, VALIDATIONS, withNode, without } from './flow';
import { MenuFields } from './MenuFields';
import { bot } from './texts';

type Fields = Record<string, string>;

/** One step as a form. */
export function StepForm({
  flow,
  id,
  node,
  faults,
  onChange,
  onRenamed,
}: {
  flow: Flow;
  id: string;
  node: Node;
  faults: Fields;
  onChange: (flow: Flow) => void;
  onRenamed: (flow: Flow, name: string) => void;
}) {
  const t = bot.useText();
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Title order={2} size="h5">
            {t(node.type)}
          </Title>
          <Text size="sm" c="dimmed">
            {t(`${node.type}Hint`)}
          </Text>
        </div>
        {id !== flow.start && (
          <Button
            variant="subtle"
            color="red"
            size="compact-sm"
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={() => onRenamed(without(flow, id), flow.start)}
          >
            {t('removeStep')}
          </Button>
        )}
      </Group>
      {faults[''] && (
        <Text size="sm" c="red" role="alert">
          {faults['']}
        </Text>
      )}
      <StepFields
        flow={flow}
        node={node}
        faults={faults}
        onChange={(changed) => onChange(withNode(flow, id, changed))}
      />
      <NameField flow={flow} id={id} onRenamed={onRenamed} />
      {id !== flow.start && (
        <Switch
          label={t('startHere')}
          checked={false}
          onChange={() => onChange({ ...flow, start: id })}
        />
      )}
    </Stack>
  );
}

/** A step's name counts once its field is left: while it is typed, it may be another's. */
function NameField({
  flow,
  id,
  onRenamed,
}: {
  flow: Flow;
  id: string;
  onRenamed: (flow: Flow, name: string) => void;
}) {
  const t = bot.useText();
  const [name, setName] = useState(id);
  const wanted = name.trim();
  const taken = wanted !== id && wanted in flow.nodes;
  function commit() {
    if (wanted === '' || taken) setName(id);
    else if (wanted !== id) onRenamed(renamed(flow, id, wanted), wanted);
  }
  return (
    <TextInput
      label={t('stepName')}
      description={t('stepNameHint')}
      value={name}
      onChange={(event) => setName(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
      error={taken && t('nameTaken')}
      maxLength={64}
    />
  );
}

function StepFields({
  flow,
  node,
  faults,
  onChange,
}: {
  flow: Flow;
  node: Node;
  faults: Fields;
  onChange: (node: Node) => void;
}) {
  const t = bot.useText();
  switch (node.type) {
    case 'message':
      return (
        <>
          <TextField
            flow={flow}
            value={node.text}
            onChange={(text) => onChange({ ...node, text })}
            error={faults.text}
          />
          <NextSelect
            flow={flow}
            label={t('next')}
            value={node.next}
            onChange={(next) => onChange({ ...node, next })}
            error={faults.next}
          />
        </>
      );
    case 'menu':
      return <MenuFields flow={flow} node={node} faults={faults} onChange={onChange} />;
    case 'collect':
      return (
        <>
          <TextField
            flow={flow}
            value={node.text}
            onChange={(text) => onChange({ ...node, text })}
            error={faults.text}
          />
          <TextInput
            label={t('variable')}
            description={t('variableHint')}
            value={node.variable}
            onChange={(event) => onChange({ ...node, variable: event.currentTarget.value })}
            error={faults.variable}
            maxLength={16}
          />
          <Select
            label={t('validation')}
            data={VALIDATIONS.map((value) => ({ value, label: t(VALIDATION_WORDS[value]) }))}
            value={node.validation ?? 'any'}
            onChange={(validation) => validation && onChange({ ...node, validation })}
            allowDeselect={false}
          />
          <NextSelect
            flow={flow}
            label={t('next')}
            value={node.next}
            onChange={(next) => onChange({ ...node, next })}
            error={faults.next}
          />
        </>
      );
    case 'hours':
      return (
        <>
          <DepartmentSelect
            nobody={t('companyHours')}
            value={node.department}
            onChange={(department) => onChange({ ...node, department })}
          />
          <NextSelect
            flow={flow}
            label={t('openNext')}
            value={node.open}
            onChange={(open) => onChange({ ...node, open })}
            error={faults.open}
          />
          <NextSelect
            flow={flow}
            label={t('closedNext')}
            value={node.closed}
            onChange={(closed) => onChange({ ...node, closed })}
            error={faults.closed}
          />
        </>
      );
    case 'handoff':
      return (
        <>
          <TextField
            flow={flow}
            label={t('optionalText')}
            hint={t('handoffTextHint')}
            value={node.text ?? ''}
            onChange={(text) => onChange({ ...node, text: text === '' ? undefined : text })}
            error={faults.text}
          />
          <DepartmentSelect
            nobody={t('anyDepartment')}
            value={node.department}
            onChange={(department) => onChange({ ...node, department })}
          />
          <Select
            label={t('priority')}
            data={PRIORITIES.map((value) => ({ value, label: t(value) }))}
            value={node.priority ?? 'medium'}
            onChange={(priority) => priority && onChange({ ...node, priority })}
            allowDeselect={false}
          />
        </>
      );
    case 'close':
      return (
        <TextField
          flow={flow}
          label={t('optionalText')}
          value={node.text ?? ''}
          onChange={(text) => onChange({ ...node, text })}
          error={faults.text}
        />
      );
  }
}

const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;
const VALIDATION_WORDS: Record<(typeof VALIDATIONS)[number], KeyOf<typeof bot>> = {
  any: 'any',
  number: 'number',
  email: 'emailValue',
  tax_id: 'tax_id',
  date: 'date',
};

function DepartmentSelect({
  nobody,
  value,
  onChange,
}: {
  /** What it means to choose none. */
  nobody: string;
  value: string | undefined;
  onChange: (department: string | undefined) => void;
}) {
  const t = bot.useText();
  const departments = useDepartments().data ?? [];
  return (
    <Select
      label={t('department')}
      placeholder={nobody}
      data={departments.map(({ id, name }) => ({ value: id, label: name }))}
      value={value ?? null}
      onChange={(department) => onChange(department ?? undefined)}
      clearable
    />
  );
}
