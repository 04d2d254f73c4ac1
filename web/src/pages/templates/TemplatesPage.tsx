import { Anchor, Badge, Button, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconRefresh, IconSearch, IconTemplate } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { answer, api } from '../../api/client';
import { Dialog } from '../../app/Dialog';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { failed, told } from '../../app/notify';
import { PageFrame } from '../../app/PageFrame';
import { TablePane } from '../../app/TablePane';
import { useNumbers } from '../../conversations/numbers';
import { moment } from '../../i18n/format';
import { formOf, type Template } from '../../templates/form';
import { categoryName, languageName } from '../../templates/names';
import { Preview } from '../../templates/Preview';
import { templatesKey, useTemplates } from '../../templates/queries';
import { page } from './texts';

const COLOURS = {
  APPROVED: 'green',
  PENDING: 'yellow',
  REJECTED: 'red',
  PAUSED: 'orange',
  DISABLED: 'gray',
} as const;
type Known = keyof typeof COLOURS;
const STATUSES: Known[] = ['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED'];

/** After so long the reading has most likely ended; milliseconds. */
const SOON = [3_000, 10_000];

/** What can be said outside of the window, by number. */
export default function TemplatesPage() {
  const t = page.useText();
  const numbers = useNumbers();
  const [picked, setPicked] = useState<string | null>(null);
  const channel = picked ?? numbers.data?.[0]?.id ?? null;
  const sync = useSync();
  const button = (
    <Button
      leftSection={<IconRefresh size={16} aria-hidden />}
      disabled={channel === null}
      loading={sync.isPending}
      onClick={() => channel && sync.mutate(channel)}
      data-testid="sync-templates"
    >
      {t('sync')}
    </Button>
  );
  return (
    <PageFrame title={t('title')} description={t('description')} actions={button} wide>
      <Loaded query={numbers}>
        {(all) =>
          channel === null ? (
            <EmptyState icon={IconTemplate} title={t('empty')}>
              {t('noChannels')}
            </EmptyState>
          ) : (
            <Stack>
              {all.length > 1 && (
                <Select
                  label={t('channel')}
                  data={all.map(({ id, name }) => ({ value: id, label: name }))}
                  value={channel}
                  onChange={setPicked}
                  allowDeselect={false}
                  maw={320}
                />
              )}
              <List key={channel} channel={channel} />
            </Stack>
          )
        }
      </Loaded>
    </PageFrame>
  );
}

/** Has them read anew; the list comes again when they most likely have been. */
function useSync() {
  const client = useQueryClient();
  const waiting = useRef<ReturnType<typeof setTimeout>[]>([]);
  useEffect(() => () => waiting.current.forEach(clearTimeout), []);
  return useMutation({
    mutationFn: (channel_id: string) =>
      answer(api.POST('/api/v1/templates/sync', { body: { channel_id } })),
    onSuccess: () => {
      told(page.say('syncing'));
      const again = () => void client.invalidateQueries({ queryKey: templatesKey });
      waiting.current = SOON.map((pause) => setTimeout(again, pause));
    },
    onError: (error) => failed(error),
  });
}

function List({ channel }: { channel: string }) {
  const t = page.useText();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const [status, setStatus] = useState<string | null>(null);
  const [shown, show] = useState<Template | null>(null);
  const query = useTemplates({ channel, status, q });
  const narrowed = q !== '' || status !== null;
  return (
    <>
      <Group gap="xs">
        <TextInput
          type="search"
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          maxLength={100}
        />
        <Select
          aria-label={t('status')}
          placeholder={t('anyStatus')}
          data={STATUSES.map((value) => ({ value, label: t(`status_${value}`) }))}
          value={status}
          onChange={setStatus}
          clearable
        />
      </Group>
      <Loaded query={query} rows={6}>
        {() =>
          query.rows.length === 0 ? (
            <EmptyState icon={IconTemplate} title={t(narrowed ? 'notFound' : 'empty')}>
              {t(narrowed ? 'notFoundHint' : 'emptyHint')}
            </EmptyState>
          ) : (
            <TablePane>
              <Table data-testid="templates">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('name')}</Table.Th>
                    <Table.Th visibleFrom="sm">{t('category')}</Table.Th>
                    <Table.Th>{t('status')}</Table.Th>
                    <Table.Th visibleFrom="md">{t('synced')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {query.rows.map((one) => (
                    <Row key={`${one.name}/${one.language}`} template={one} onShow={show} />
                  ))}
                </Table.Tbody>
              </Table>
            </TablePane>
          )
        }
      </Loaded>
      <MoreRows query={query} />
      {shown && (
        <Dialog title={shown.name} onClose={() => show(null)}>
          <Preview form={formOf(shown)} values={{}} />
        </Dialog>
      )}
    </>
  );
}

function Row({ template, onShow }: { template: Template; onShow: (one: Template) => void }) {
  const t = page.useText();
  const { name, language, category, status, reason, synced_at } = template;
  const known = STATUSES.find((one) => one === status);
  return (
    <Table.Tr data-testid="template-row">
      <Table.Td>
        <Anchor
          component="button"
          size="sm"
          fw={600}
          ta="left"
          style={{ overflowWrap: 'anywhere' }}
          aria-label={t('show', { name })}
          onClick={() => onShow(template)}
        >
          {name}
        </Anchor>
        <Text size="xs" c="dimmed">
          {languageName(language)}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{categoryName(category)}</Table.Td>
      <Table.Td>
        <Badge variant="light" color={known ? COLOURS[known] : 'gray'}>
          {known ? t(`status_${known}`) : status}
        </Badge>
        {reason && reason !== 'NONE' && (
          <Text size="xs" c="dimmed" mt={2}>
            {reason}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="md">{moment(synced_at)}</Table.Td>
    </Table.Tr>
  );
}
