import { Button, Group, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import { useOnline, usePeople } from '../../api/directory';
import type { PendingHandoff } from '../../api/types';
import { Dialog } from '../../app/Dialog';
import { told } from '../../app/notify';
import { common } from '../../i18n/common';
import { phone } from '../../i18n/format';
import { useAssign } from './queries';
import { queue } from './texts';

/** A supervisor says who attends. */
export function AssignDialog({ row, onClose }: { row: PendingHandoff; onClose: () => void }) {
  const t = queue.useText();
  const word = common.useText();
  const people = usePeople();
  const online = useOnline();
  const [to, setTo] = useState<string | null>(null);
  const attends = (people.data ?? []).filter(({ role }) => role !== 'member');
  const here = new Set(online.data?.map(({ id }) => id));
  const option = ({ id, full_name }: { id: string; full_name: string }) => ({
    value: id,
    label: full_name,
  });
  const assign = useAssign(() => {
    told(t('assigned', { name: attends.find(({ id }) => id === to)?.full_name ?? '' }));
  });
  const name = row.customer_name || phone(row.phone_number);
  return (
    <Dialog onClose={onClose} title={t('assignTitle', { name })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (to) assign.mutate({ row, to }, { onSettled: onClose });
        }}
      >
        <Stack>
          <Select
            label={t('assignTo')}
            description={t('assignHint')}
            data={[
              { group: t('online'), items: attends.filter(({ id }) => here.has(id)).map(option) },
              { group: t('offline'), items: attends.filter(({ id }) => !here.has(id)).map(option) },
            ]}
            value={to}
            onChange={setTo}
            searchable
            data-autofocus
            disabled={people.isPending}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" disabled={!to} loading={assign.isPending}>
              {word('confirm')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
