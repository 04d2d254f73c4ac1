import {
  Button,
  Group,
  Paper,
  Radio,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRef } from 'react';
import { useDepartments } from '../../api/directory';
import { faultsOf } from '../../api/faults';
import { me } from '../../api/session';
import { Dialog } from '../../app/Dialog';
import { failed, told } from '../../app/notify';
import { common } from '../../i18n/common';
import { type CannedReply, useChangeReply, useCreateReply } from './queries';
import { canned } from './texts';
import { exampleOf, VARIABLES } from './variables';

const SHORTCUT = /^[a-z0-9-]{1,40}$/;
const SCOPES = ['tenant', 'department', 'personal'] as const;

/** A new reply, or a changed one. */
export function ReplyDialog({
  reply,
  onClose,
}: {
  reply: CannedReply | null;
  onClose: () => void;
}) {
  const t = canned.useText();
  const word = common.useText();
  const departments = useDepartments().data ?? [];
  const create = useCreateReply();
  const change = useChangeReply();
  const area = useRef<HTMLTextAreaElement>(null);
  const shares = me().permissions.includes('handoff:manage');
  const form = useForm({
    initialValues: {
      shortcut: reply?.shortcut ?? '',
      title: reply?.title ?? '',
      text: reply?.text ?? '',
      scope: reply?.scope ?? (shares ? ('tenant' as const) : ('personal' as const)),
      department_id: reply?.department?.id ?? null,
    },
    validate: {
      shortcut: (value) => (SHORTCUT.test(value) ? null : t('shortcutNeeded')),
      title: (value) => (value.trim() ? null : t('nameNeeded')),
      text: (value) => (value.trim() ? null : t('textNeeded')),
      department_id: (value, { scope }) =>
        scope === 'department' && !value ? t('whichNeeded') : null,
    },
  });

  /** Puts a variable where the caret is. */
  function insert(variable: string) {
    const { selectionStart: from = 0, selectionEnd: to = 0 } = area.current ?? {};
    const { text } = form.getValues();
    form.setFieldValue('text', `${text.slice(0, from)}{{${variable}}}${text.slice(to)}`);
    area.current?.focus();
  }

  const submit = form.onSubmit(async ({ scope, department_id, ...values }) => {
    try {
      if (reply) await change.mutateAsync({ id: reply.id, change: values });
      else {
        const whose = scope === 'department' ? department_id : null;
        await create.mutateAsync({ ...values, scope, department_id: whose });
      }
      told(word('saved'));
      onClose();
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
    }
  });

  const { text, scope } = form.values;
  return (
    <Dialog
      onClose={onClose}
      title={reply ? t('edit', { shortcut: reply.shortcut }) : t('add')}
      size="lg"
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <Group grow align="flex-start">
            <TextInput
              label={t('shortcut')}
              description={t('shortcutHint')}
              leftSection="/"
              required
              data-autofocus
              autoComplete="off"
              autoCapitalize="none"
              maxLength={40}
              {...form.getInputProps('shortcut')}
            />
            <TextInput
              label={t('name')}
              required
              autoComplete="off"
              maxLength={100}
              {...form.getInputProps('title')}
            />
          </Group>
          <Textarea
            ref={area}
            label={t('text')}
            required
            autosize
            minRows={3}
            maxRows={10}
            maxLength={4096}
            {...form.getInputProps('text')}
          />
          <Group gap={4}>
            <Text size="xs" c="dimmed">
              {t('insert')}
            </Text>
            {VARIABLES.map(([variable, name]) => (
              <Button
                key={variable}
                size="compact-xs"
                variant="default"
                onClick={() => insert(variable)}
              >
                {t(name)}
              </Button>
            ))}
          </Group>
          {text.trim() && (
            <Paper withBorder p="sm" bg="var(--ground)">
              <Text size="xs" c="dimmed">
                {t('preview')}
              </Text>
              <Text size="sm" style={{ whiteSpace: 'pre-line' }} data-testid="reply-preview">
                {exampleOf(text, me().full_name)}
              </Text>
            </Paper>
          )}
          {!reply && shares && (
            <Radio.Group
              label={t('scope')}
              description={t('scopeFixed')}
              {...form.getInputProps('scope')}
            >
              <Group mt="xs">
                {SCOPES.map((one) => (
                  <Radio key={one} value={one} label={t(one)} />
                ))}
              </Group>
            </Radio.Group>
          )}
          {!reply && scope === 'department' && (
            <Select
              label={t('which')}
              required
              data={departments.map(({ id, name }) => ({ value: id, label: name }))}
              {...form.getInputProps('department_id')}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" loading={form.submitting}>
              {reply ? word('save') : word('create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
