import { Anchor, Paper, Text, Timeline, Title } from '@mantine/core';
import {
  IconArrowsExchange,
  IconHandStop,
  IconRobot,
  IconUserCheck,
  IconUserShare,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { Link } from 'react-router';
import { rowsOf } from '../../api/directory';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { moment } from '../../i18n/format';
import { type Moment, useHistory } from './queries';
import { customers } from './texts';

const ICONS: Record<string, ComponentType<{ size?: number }>> = {
  handoff: IconHandStop,
  takeover: IconUserCheck,
  assign: IconUserShare,
  transfer: IconArrowsExchange,
  release: IconRobot,
};
const STATES = ['pending', 'assigned', 'completed', 'cancelled'] as const;

/** Who asked for a person, who attended, and what came of it. */
export function History({ id }: { id: string }) {
  const t = customers.useText();
  const history = useHistory(id);
  const rows = rowsOf(history.data);
  return (
    <Paper withBorder p="lg">
      <Title order={2} size="h6" mb="sm">
        {t('events')}
      </Title>
      <Loaded query={history} rows={3}>
        {() =>
          rows.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('noEvents')}
            </Text>
          ) : (
            <>
              <Timeline bulletSize={26} lineWidth={1} active={-1}>
                {rows.map((row) => {
                  const Icon = ICONS[row.kind] ?? IconArrowsExchange;
                  return (
                    <Timeline.Item
                      key={row.id}
                      bullet={<Icon size={14} />}
                      title={<Words {...row} />}
                    >
                      <Details {...row} />
                    </Timeline.Item>
                  );
                })}
              </Timeline>
              <MoreRows query={history} />
            </>
          )
        }
      </Loaded>
    </Paper>
  );
}

/** What happened, with a way to the conversation. */
function Words({ kind, department, to_user, conversation_id }: Moment) {
  const t = customers.useText();
  const name = to_user?.name ?? t('someone');
  const words = () => {
    switch (kind) {
      case 'handoff':
        return department?.name ? t('handoffTo', { department: department.name }) : t('handoff');
      case 'takeover':
        return t('takeover', { name });
      case 'assign':
        return t('assign', { name });
      case 'release':
        return t('release');
      default: {
        if (to_user) return t('transfer', { name });
        return department?.name ? t('transfer', { name: department.name }) : t('transferQueue');
      }
    }
  };
  return (
    <Anchor component={Link} to={`/inbox/${conversation_id}`} size="sm" c="inherit" fw={600}>
      {words()}
    </Anchor>
  );
}

function Details({ at, status, note, resolution, satisfaction, kind }: Moment) {
  const t = customers.useText();
  const state = kind === 'handoff' ? STATES.find((one) => one === status) : undefined;
  return (
    <>
      <Text size="xs" c="dimmed">
        {[moment(at), state && t(state), satisfaction && t('rated', { count: satisfaction })]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      {(note || resolution) && (
        <Text size="sm" mt={2} lineClamp={3}>
          {[note, resolution].filter(Boolean).join(' · ')}
        </Text>
      )}
    </>
  );
}
