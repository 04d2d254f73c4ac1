import { Badge, Box, Button, Group, Menu, Paper, Text, Title, UnstyledButton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Bot.module.css';
import {
  emptyNode,
  type Faults,
  type Flow,
  freeName,
  inOrder,
  KINDS,
  type Node,
  withNode,
} from './flow';
import { ICONS } from './kinds';
import { bot } from './texts';

/** The steps of a flow, in the order in which customers come by them. */
export function StepList({
  flow,
  faults,
  chosen,
  choose,
  onChange,
}: {
  flow: Flow;
  faults: Faults;
  chosen: string;
  choose: (step: string) => void;
  /** The flow with another step, which is to be opened. */
  onChange: (flow: Flow, open: string) => void;
}) {
  const t = bot.useText();
  return (
    <Paper withBorder p="sm" component="nav" aria-label={t('steps')}>
      <Title order={2} size="h6" mb="xs" px={10}>
        {t('steps')}
      </Title>
      <div className={classes.steps}>
        {inOrder(flow).map(({ id, reached }) => {
          const node = flow.nodes[id];
          if (!node) return null;
          const wrong = Object.keys(faults[id] ?? {}).length;
          return (
            <UnstyledButton
              key={id}
              className={classes.step}
              aria-current={id === chosen || undefined}
              onClick={() => choose(id)}
              data-testid={`step-${id}`}
            >
              <Step id={id} node={node}>
                {id === flow.start && (
                  <Badge size="sm" variant="light">
                    {t('start')}
                  </Badge>
                )}
                {!reached && (
                  <Badge size="sm" variant="light" color="yellow">
                    {t('unreached')}
                  </Badge>
                )}
                {wrong > 0 && (
                  <Badge size="sm" color="red" variant="light">
                    {t('faulty', { count: wrong })}
                  </Badge>
                )}
              </Step>
            </UnstyledButton>
          );
        })}
      </div>
      <Menu position="bottom-start" width={280}>
        <Menu.Target>
          <Button
            mt="sm"
            variant="light"
            fullWidth
            leftSection={<IconPlus size={16} aria-hidden />}
          >
            {t('addStep')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {KINDS.map((kind) => {
            const Icon = ICONS[kind];
            return (
              <Menu.Item
                key={kind}
                leftSection={<Icon size={18} aria-hidden />}
                onClick={() => {
                  const name = freeName(flow, kind);
                  onChange(withNode(flow, name, emptyNode(kind, flow.start)), name);
                }}
              >
                <Text size="sm">{t(kind)}</Text>
                <Text size="xs" c="dimmed">
                  {t(`${kind}Hint`)}
                </Text>
              </Menu.Item>
            );
          })}
        </Menu.Dropdown>
      </Menu>
    </Paper>
  );
}

function Step({ id, node, children }: { id: string; node: Node; children: ReactNode }) {
  const t = bot.useText();
  const Icon = ICONS[node.type];
  const text = 'text' in node ? node.text : undefined;
  return (
    <>
      <Icon size={18} stroke={1.7} aria-hidden />
      <Box miw={0} flex={1}>
        <Text size="sm" fw={600} truncate>
          {id}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {text || t(node.type)}
        </Text>
        <Group gap={4}>{children}</Group>
      </Box>
    </>
  );
}
