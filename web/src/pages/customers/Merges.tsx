import { Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { Link } from 'react-router';
import { usePeople } from '../../api/directory';
import { failed, told } from '../../app/notify';
import { common } from '../../i18n/common';
import { moment } from '../../i18n/format';
import { type CustomerDetail, useCustomer, useUndoMerge } from './queries';
import { customers } from './texts';

/** Records that became part of this one, each with the way back. */
export function Merges({ customer, mayUndo }: { customer: CustomerDetail; mayUndo: boolean }) {
  const t = customers.useText();
  const word = common.useText();
  const undo = useUndoMerge();
  const people = usePeople(mayUndo).data ?? [];
  if (customer.merges.length === 0) return null;
  const ask = (id: string) =>
    modals.openConfirmModal({
      title: t('undoTitle'),
      children: <Text size="sm">{t('undoHint')}</Text>,
      labels: { confirm: t('undo'), cancel: word('cancel') },
      closeButtonProps: { 'aria-label': word('close') },
      onConfirm: () =>
        undo.mutate(id, {
          onSuccess: () => told(t('undone')),
          onError: (error) => failed(error),
        }),
    });
  return (
    <Paper withBorder p="lg">
      <Title order={2} size="h6" mb="sm">
        {t('merges')}
      </Title>
      <Stack gap="sm">
        {customer.merges.map(({ id, source_id, at, by_user_id }) => {
          const by = people.find((person) => person.id === by_user_id);
          return (
            <Group key={id} justify="space-between" wrap="nowrap">
              <div>
                <SourceName id={source_id} />
                <Text size="xs" c="dimmed">
                  {[moment(at), by && t('mergedBy', { name: by.full_name })]
                    .filter(Boolean)
                    .join(' · ')}
                </Text>
              </div>
              {mayUndo && (
                <Button
                  size="compact-sm"
                  variant="default"
                  loading={undo.isPending && undo.variables === id}
                  onClick={() => ask(id)}
                >
                  {t('undo')}
                </Button>
              )}
            </Group>
          );
        })}
      </Stack>
    </Paper>
  );
}

function SourceName({ id }: { id: string }) {
  const t = customers.useText();
  const source = useCustomer(id).data;
  return (
    <Anchor component={Link} to={`/customers/${id}`} size="sm" fw={600}>
      {source ? `${source.name || t('nameless')} · ${t('number', { number: source.number })}` : '…'}
    </Anchor>
  );
}
