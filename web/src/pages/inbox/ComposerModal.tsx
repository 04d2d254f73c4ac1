import { useState } from 'react';
import type { Conversation } from '../../api/types';
import { post } from '../../conversations/outbox';
import type { Later } from '../../conversations/scheduled';
import type { Filled, Shown } from '../../templates/form';
import { TemplateDialog } from '../../templates/TemplateDialog';
import { LaterModal } from './LaterModal';

/** What the composer asks: which template, or when what was written is sent. */
export type Asking = { about: 'template'; begun?: Filled } | { about: 'later' };

interface Props {
  asking: Asking;
  conversation: Conversation;
  /** The newest message that its writer has before their eyes. */
  seen: number;
  /** What was written. */
  written: { text: string; replyTo: string | null };
  /** What was written waits for its time. */
  onWritten: () => void;
  onClose: () => void;
}

export function ComposerModal({ asking, ...props }: Props) {
  const { conversation, written, onWritten, onClose } = props;
  if (asking.about === 'template') return <Templates {...props} begun={asking.begun} />;
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

/** Says something by a template, shown at once as all that is sent; or later. */
function Templates({
  conversation,
  seen,
  begun: first,
  onClose,
}: Pick<Props, 'conversation' | 'seen' | 'onClose'> & { begun: Filled | undefined }) {
  const [begun, setBegun] = useState(first);
  const [later, setLater] = useState<{ message: Later; shown: Shown } | null>(null);
  if (later) {
    return (
      <LaterModal
        conversation={conversation}
        later={later.message}
        words={later.shown.text}
        onDone={onClose}
        onClose={() => setLater(null)}
      />
    );
  }
  return (
    <TemplateDialog
      channel={conversation.channel_id}
      begun={begun}
      onSend={(filled, shown) => {
        onClose();
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
