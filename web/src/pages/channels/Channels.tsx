import { Button, Stack } from '@mantine/core';
import { IconBrandWhatsapp, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Channel } from '../../api/types';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { PageFrame } from '../../app/PageFrame';
import { ChannelCard } from './ChannelCard';
import { ConnectDialog } from './ConnectDialog';
import { EditDialog } from './EditDialog';
import { useChannels } from './queries';
import { TestDialog } from './TestDialog';
import { channels } from './texts';

/** The WhatsApp numbers of the tenant, and how they are. */
export default function Channels() {
  const t = channels.useText();
  const list = useChannels();
  const [connecting, setConnecting] = useState(false);
  const [testing, setTesting] = useState<Channel | null>(null);
  const [editing, setEditing] = useState<Channel | null>(null);
  const add = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => setConnecting(true)}
      data-testid="add-channel"
    >
      {t('add')}
    </Button>
  );
  return (
    <PageFrame title={t('title')} description={t('description')} actions={add}>
      <Loaded query={list} rows={3} height={110}>
        {(all) =>
          all.length > 0 ? (
            <Stack>
              {all.map((channel) => (
                <ChannelCard
                  key={channel.id}
                  channel={channel}
                  onEdit={() => setEditing(channel)}
                  onTest={() => setTesting(channel)}
                />
              ))}
            </Stack>
          ) : (
            <EmptyState icon={IconBrandWhatsapp} title={t('empty')}>
              {t('emptyHint')}
            </EmptyState>
          )
        }
      </Loaded>
      {connecting && <ConnectDialog onClose={() => setConnecting(false)} />}
      {testing && <TestDialog channel={testing} onClose={() => setTesting(null)} />}
      {editing && <EditDialog channel={editing} onClose={() => setEditing(null)} />}
    </PageFrame>
  );
}
