import { useState } from 'react';
import type { Conversation } from '../../api/types';
import { discard, post } from '../../conversations/outbox';
import type { Shared } from '../../conversations/outgoing';
import type { Later } from '../../conversations/scheduled';
import type { Filled, Shown } from '../../templates/form';
import { TemplateDialog } from '../../templates/TemplateDialog';
import { ContactsDialog } from './ContactsDialog';
import { LaterModal } from './LaterModal';
import { LocationDialog } from './LocationDialog';

/** What the composer asks: which template, place or people; or when what was written is sent. */
export type Asking =
  /** `begun` was filled in for the unsent message `instead`. */
  | { about: 'template'; begun?: Filled; instead?: string }
  | { about: 'location' | 'contacts'; begun?: Shared; instead?: string }
  | { about: 'later' };

interface Props {
  asking: Asking;
  conversation: Conversation;
  /** The newest message that its writer has before their eyes. */
  seen: number;
  /** What was written. */
  written: { text: string; replyTo: string | null };
  /** A place or people went, as the answer that was begun. */
  onShared: () => void;
  /** What was written waits for its time. */
  onWritten: () => void;
  onClose: () => void;
}

export function ComposerModal({ asking, ...props }: Props) {
  const { conversation, written, onShared, onWritten, onClose } = props;
  if (asking.about === 'template') return <Templates {...props} asking={asking} />;
  if (asking.about !== 'later') {
    const { begun, instead } = asking;
    const send = (shared: Shared) => {
      onClose();
      onShared();
      const { replyTo } = written;
      const about = { conversation: conversation.id, note: false, replyTo, seen: props.seen };
      post({ ...about, text: wordsOf(shared), shared });
      if (instead !== undefined) discard(instead);
    };
    return asking.about === 'location' ? (
      <LocationDialog
        begun={begun?.type === 'location' ? begun : undefined}
        onSend={send}
        onClose={onClose}
      />
    ) : (
      <ContactsDialog
        begun={begun?.type === 'contacts' ? begun : undefined}
        onSend={send}
        onClose={onClose}
      />
    );
  }
  return (
    <LaterModal
      conversation={conversation}
      later={written}
      words={written.text}
      onDone={onWritten}
      onClose={onClose}
    />
  );
}

/** What lists show of it. */
function wordsOf(shared: Shared): string {
  if (shared.type === 'location') return shared.name ?? shared.address ?? '';
  return shared.contacts[0]?.name.formatted_name ?? '';
}

/** Says something by a template, shown at once as all that is sent; or later. */
function Templates({
  conversation,
  seen,
  asking,
  onClose,
}: Pick<Props, 'conversation' | 'seen' | 'onClose'> & {
  asking: Extract<Asking, { about: 'template' }>;
}) {
  const [begun, setBegun] = useState(asking.begun);
  const done = () => {
    onClose();
    if (asking.instead) discard(asking.instead);
  };
  const [later, setLater] = useState<{ message: Later; shown: Shown } | null>(null);
  if (later) {
    return (
      <LaterModal
        conversation={conversation}
        later={later.message}
        words={later.shown.text}
        onDone={done}
        onClose={() => setLater(null)}
      />
    );
  }
  return (
    <TemplateDialog
      channel={conversation.channel_id}
      begun={begun}
      onSend={(filled, shown) => {
        done();
        post({
          conversation: conversation.id,
          text: shown.text,
          note: false,
          replyTo: null,
          seen,
          template: { filled, shown },
        });
      }}
      onLater={(filled, shown) => {
        // Whoever goes back finds it as it was.
        setBegun(filled);
        setLater({ message: { template: filled }, shown });
      }}
      onClose={onClose}
    />
  );
}
