import { Button, Stack, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconMessageBolt, IconPlus, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { rowsOf } from '../../api/directory';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { PageFrame } from '../../app/PageFrame';
import { useQueryParam } from '../../app/useQueryParam';
import { type CannedReply, useReplies } from './queries';
import { ReplyCard } from './ReplyCard';
import { ReplyDialog } from './ReplyDialog';
import { canned } from './texts';

/** Texts that are used again and again. */
export default function Canned() {
  const t = canned.useText();
  const [q, setQ] = useQueryParam('q');
  const replies = useReplies(q);
  const [dialog, setDialog] = useState<CannedReply | 'new' | null>(null);
  const ask = useDebouncedCallback((text: string) => setQ(text.trim() || null), 250);
  const rows = rowsOf(replies.data);
  return (
    <PageFrame
      title={t('title')}
      description={t('description')}
      actions={
        <Button
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setDialog('new')}
          data-testid="add-reply"
        >
          {t('add')}
        </Button>
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
      <Loaded query={replies} rows={5} height={76}>
        {() =>
          rows.length > 0 ? (
            <Stack gap="xs">
              {rows.map((reply) => (
                <ReplyCard key={reply.id} reply={reply} onEdit={() => setDialog(reply)} />
              ))}
              <MoreRows query={replies} />
            </Stack>
          ) : (
            <EmptyState icon={IconMessageBolt} title={q ? t('nothing') : t('empty')}>
              {q ? t('nothingHint') : t('emptyHint')}
            </EmptyState>
          )
        }
      </Loaded>
      {dialog && (
        <ReplyDialog reply={dialog === 'new' ? null : dialog} onClose={() => setDialog(null)} />
      )}
    </PageFrame>
  );
}
