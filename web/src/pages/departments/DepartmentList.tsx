import { ActionIcon, Paper, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { Department } from '../../api/types';
import { failed } from '../../app/notify';
import classes from './Departments.module.css';
import { useReorder } from './queries';
import { departments } from './texts';

/** The company and its departments, in their order. */
export function DepartmentList({
  departments: all,
  chosen,
  choose,
  hintOf,
}: {
  departments: Department[];
  /** `null` is the company. */
  chosen: string | null;
  choose: (id: string | null) => void;
  /** What is said of each. */
  hintOf: (department: Department | null) => string;
}) {
  const t = departments.useText();
  const reorder = useReorder();
  function move(from: number, to: number) {
    const order = [...all];
    const [moved] = order.splice(from, 1);
    if (!moved) return;
    order.splice(to, 0, moved);
    reorder.mutate(order, { onError: (error) => failed(error) });
  }
  return (
    <Paper withBorder p="xs" component="nav" aria-label={t('list')}>
      <Item
        name={t('company')}
        hint={hintOf(null)}
        chosen={chosen === null}
        onClick={() => choose(null)}
      />
      {all.map((department, at) => (
        <div
          key={department.id}
          className={classes.item}
          data-chosen={department.id === chosen || undefined}
        >
          <Pick
            name={department.name}
            hint={hintOf(department)}
            chosen={department.id === chosen}
            onClick={() => choose(department.id)}
          />
          <ActionIcon
            aria-label={t('up', { name: department.name })}
            disabled={at === 0 || reorder.isPending}
            onClick={() => move(at, at - 1)}
          >
            <IconArrowUp size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            aria-label={t('down', { name: department.name })}
            disabled={at === all.length - 1 || reorder.isPending}
            onClick={() => move(at, at + 1)}
          >
            <IconArrowDown size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {all.length === 0 && (
        <Stack gap={4} p="sm">
          <Text size="sm" fw={600}>
            {t('none')}
          </Text>
          <Text size="sm" c="dimmed">
            {t('noneHint')}
          </Text>
        </Stack>
      )}
    </Paper>
  );
}

interface Choice {
  name: string;
  hint: string;
  chosen: boolean;
  onClick: () => void;
}

function Item(choice: Choice) {
  return (
    <div className={classes.item} data-chosen={choice.chosen || undefined}>
      <Pick {...choice} />
    </div>
  );
}

function Pick({ name, hint, chosen, onClick }: Choice) {
  return (
    <UnstyledButton className={classes.pick} aria-current={chosen || undefined} onClick={onClick}>
      <Text size="sm" fw={600} truncate>
        {name}
      </Text>
      <Text size="xs" c="dimmed" lineClamp={2}>
        {hint}
      </Text>
    </UnstyledButton>
  );
}
