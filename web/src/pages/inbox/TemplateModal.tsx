import type { Conversation } from '../../api/types';
import { post } from '../../conversations/outbox';
import type { Filled } from '../../templates/form';
import { TemplateDialog } from '../../templates/TemplateDialog';

/** Says something to a customer by a template: shown at once, as all that is sent. */
export function TemplateModal({
  conversation,
  seen,
  begun,
  onClose,
}: {
  conversation: Conversation;
  /** The newest message that its writer has before their eyes. */
  seen: number;
  begun: Filled | undefined;
  onClose: () => void;
}) {
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
      onClose={onClose}
    />
  );
}
