import { Anchor, Button, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconAddressBook, IconForms, IconSearch } from '@tabler/icons-react';
import { Link } from 'react-router';
import { rowsOf } from '../../api/directory';
import { me } from '../../api/session';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { PageFrame } from '../../app/PageFrame';
import { TablePane } from '../../app/TablePane';
import { useQueryParam } from '../../app/useQueryParam';
import { moment, phone } from '../../i18n/format';
import { useCustomers } from './queries';
import { customers } from './texts';

export function CustomerList() {
  const t = customers.useText();
  const [q, setQ] = useQueryParam('q');
  const list = useCustomers(q);
  const ask = useDebouncedCallback((text: string) => setQ(text.trim() || null), 250);
  const rows = rowsOf(list.data);
  return (
    <PageFrame
      title={t('title')}
      description={t('description')}
      wide
      actions={
        me().permissions.includes('company:manage') && (
          <Button
            component={Link}
            to="/customers/fields"
            variant="default"
            leftSection={<IconForms size={16} aria-hidden />}
          >
            {t('fields')}
          </Button>
        )
      }
    >
      <TextInput
        type="search"
        aria-label={t('search')}
        placeholder={t('search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        defaultValue={q ?? ''}
        onChange={(event) => ask(event.currentTarget.value)}
        maw={360}
      />
      <Loaded query={list} rows={8}>
        {() =>
          rows.length === 0 ? (
            <EmptyState icon={IconAddressBook} title={q ? t('nothing') : t('empty')}>
              {q ? t('nothingHint') : t('emptyHint')}
            </EmptyState>
          ) : (
            <>
              <TablePane>
                <Table highlightOnHover data-testid="customers">
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('name')}</Table.Th>
                      <Table.Th visibleFrom="xs">{t('contact')}</Table.Th>
                      <Table.Th visibleFrom="sm">{t('history')}</Table.Th>
                      <Table.Th>{t('lastSeen')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {rows.map((row) => (
                      <Table.Tr key={row.id}>
                        <Table.Td>
                          <Anchor component={Link} to={`/customers/${row.id}`} size="sm" fw={600}>
                            {row.name || t('nameless')}
                          </Anchor>
                          <Text size="xs" c="dimmed">
                            {t('number', { number: row.number })}
                          </Text>
                        </Table.Td>
                        <Table.Td visibleFrom="xs">
                          <Text size="sm">{row.phone && phone(row.phone)}</Text>
                          <Text size="xs" c="dimmed">
                            {row.email}
                          </Text>
                        </Table.Td>
                        <Table.Td visibleFrom="sm">
                          <Text size="sm">{t('conversations', { count: row.conversations })}</Text>
                        </Table.Td>
                        <Table.Td>
                          <Text size="sm" c="dimmed">
                            {row.last_seen_at && moment(row.last_seen_at)}
                          </Text>
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </TablePane>
              <MoreRows query={list} />
            </>
          )
        }
      </Loaded>
    </PageFrame>
  );
}
