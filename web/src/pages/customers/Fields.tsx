import { ActionIcon, Badge, Button, Code, Group, Menu, Table, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import {
  IconArrowDown,
  IconArrowLeft,
  IconArrowUp,
  IconDots,
  IconForms,
  IconLock,
  IconPencil,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { me } from '../../api/session';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { failed, told } from '../../app/notify';
import { PageFrame } from '../../app/PageFrame';
import { TablePane } from '../../app/TablePane';
import { DANGER } from '../../app/theme';
import { common } from '../../i18n/common';
import { FieldDialog } from './FieldDialog';
import { type Attribute, useAttributes, useRemoveAttribute, useReorderAttributes } from './queries';
import { customers, kindKey } from './texts';

/** What is noted of every customer. */
export function Fields() {
  const t = customers.useText();
  const attributes = useAttributes();
  const [dialog, setDialog] = useState<Attribute | 'new' | null>(null);
  const administers = me().permissions.includes('company:manage');
  const back = (
    <Button
      component={Link}
      to="/customers"
      variant="subtle"
      color="gray"
      leftSection={<IconArrowLeft size={16} aria-hidden />}
    >
      {t('all')}
    </Button>
  );
  return (
    <PageFrame
      title={t('fieldsTitle')}
      description={t('fieldsDescription')}
      wide
      actions={
        <>
          {back}
          {administers && (
            <Button
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => setDialog('new')}
              data-testid="add-field"
            >
              {t('addField')}
            </Button>
          )}
        </>
      }
    >
      {administers ? (
        <Loaded query={attributes} rows={4} height={52}>
          {(all) =>
            all.length > 0 ? (
              <FieldTable fields={all} onEdit={setDialog} />
            ) : (
              <EmptyState icon={IconForms} title={t('noFields')}>
                {t('noFieldsHint')}
              </EmptyState>
            )
          }
        </Loaded>
      ) : (
        <EmptyState icon={IconLock} title={t('fieldsClosed')}>
          {t('fieldsClosedHint')}
        </EmptyState>
      )}
      {dialog && (
        <FieldDialog
          field={dialog === 'new' ? null : dialog}
          position={attributes.data?.length ?? 0}
          onClose={() => setDialog(null)}
        />
      )}
    </PageFrame>
  );
}

function FieldTable({
  fields,
  onEdit,
}: {
  fields: Attribute[];
  onEdit: (field: Attribute) => void;
}) {
  const t = customers.useText();
  return (
    <TablePane>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('label')}</Table.Th>
            <Table.Th>{t('kind')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('key')}</Table.Th>
            <Table.Th w={48} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((field, at) => (
            <Table.Tr key={field.key}>
              <Table.Td>
                <Text size="sm" fw={600}>
                  {field.label}
                </Text>
                {field.choices.length > 0 && (
                  <Text size="xs" c="dimmed" lineClamp={1}>
                    {field.choices.join(', ')}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Badge variant="default" miw="max-content">
                  {t(kindKey(field.kind))}
                </Badge>
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <Code>{field.key}</Code>
              </Table.Td>
              <Table.Td>
                <FieldMenu fields={fields} at={at} onEdit={() => onEdit(field)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TablePane>
  );
}

function FieldMenu({
  fields,
  at,
  onEdit,
}: {
  fields: Attribute[];
  at: number;
  onEdit: () => void;
}) {
  const t = customers.useText();
  const word = common.useText();
  const remove = useRemoveAttribute();
  const reorder = useReorderAttributes();
  const field = fields[at];
  if (!field) return null;
  const { key, label: name } = field;
  const onError = (error: unknown) => failed(error);
  const move = (by: -1 | 1) => {
    const order = fields.filter((one) => one !== field);
    order.splice(at + by, 0, field);
    reorder.mutate(order, { onError });
  };
  const ask = () =>
    modals.openConfirmModal({
      title: t('removeFieldTitle', { name }),
      children: <Text size="sm">{t('removeFieldHint')}</Text>,
      labels: { confirm: t('removeField'), cancel: word('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': word('close') },
      onConfirm: () => remove.mutate(key, { onSuccess: () => told(t('fieldRemoved')), onError }),
    });
  return (
    <Group justify="flex-end">
      <Menu position="bottom-end" width={210}>
        <Menu.Target>
          <ActionIcon
            aria-label={t('fieldActions', { name })}
            loading={remove.isPending || reorder.isPending}
          >
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
            {word('edit')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowUp size={16} aria-hidden />}
            disabled={at === 0}
            onClick={() => move(-1)}
          >
            {t('up')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowDown size={16} aria-hidden />}
            disabled={at === fields.length - 1}
            onClick={() => move(1)}
          >
            {t('down')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color={DANGER} leftSection={<IconTrash size={16} aria-hidden />} onClick={ask}>
            {t('removeField')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
