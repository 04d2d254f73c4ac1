import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { rowsOf } from '../../api/directory';
import { Dialog } from '../../app/Dialog';
import { failed, told } from '../../app/notify';
import { common } from '../../i18n/common';
import { phone } from '../../i18n/format';
import { type CustomerDetail, type CustomerLine, useCustomers, useMerge } from './queries';
import { customers } from './texts';

/** Says which other record is the same customer. */
export function MergeDialog({
  customer,
  onClose,
}: {
  customer: CustomerDetail;
  onClose: () => void;
}) {
  const t = customers.useText();
  const word = common.useText();
  const merge = useMerge(customer.id);
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search.trim(), 250);
  // What is chosen stays in the list while somebody looks for another.
  const [chosen, setChosen] = useState<CustomerLine | null>(null);
  // The list names whom it found by what was chosen, which is no search.
  const found = useCustomers(chosen && asked === nameOf(chosen) ? null : asked || null);
  const others = rowsOf(found.data).filter(
    ({ id, merged_into }) => id !== customer.id && !merged_into && id !== chosen?.id,
  );
  const options = chosen ? [chosen, ...others] : others;
  const name = customer.name || t('nameless');

  function nameOf({ name: written, number, phone: digits }: CustomerLine): string {
    return [written || t('nameless'), digits ? phone(digits) : t('number', { number })].join(' · ');
  }

  return (
    <Dialog onClose={onClose} title={t('mergeTitle', { name })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!chosen) return;
          merge.mutate(chosen.id, {
            onSuccess: () => {
              told(t('mergeDone'));
              onClose();
            },
            onError: (error) => failed(error),
          });
        }}
      >
        <Stack>
          <Text size="sm">{t('mergeHint')}</Text>
          <Select
            label={t('mergeWith')}
            placeholder={t('mergeSearch')}
            data={options.map((one) => ({ value: one.id, label: nameOf(one) }))}
            // The server has searched already, in more than what is shown.
            filter={({ options: all }) => all}
            value={chosen?.id ?? null}
            onChange={(id) => setChosen(options.find((one) => one.id === id) ?? null)}
            searchValue={search}
            onSearchChange={setSearch}
            nothingFoundMessage={found.isFetching ? word('loading') : t('mergeNone')}
            searchable
            clearable
            data-autofocus
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" disabled={!chosen} loading={merge.isPending}>
              {t('mergeDo')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
