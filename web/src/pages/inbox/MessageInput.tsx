import { Button, Group, Text, Textarea } from '@mantine/core';
import { IconTemplate } from '@tabler/icons-react';
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
import { session } from '../../api/session';
import type { Conversation, Message } from '../../api/types';
import { later as loadedLater } from '../../app/later';
import { told } from '../../app/notify';
import { type Draft, keepDraft, NO_DRAFT, readDraft, takenBack } from '../../conversations/drafts';
import { nameOf } from '../../conversations/names';
import type { Pending } from '../../conversations/outbox';
import { tellTyping } from '../../conversations/typing';
import { useDropped } from '../../media/dropped';
import mediaClasses from '../../media/Media.module.css';
import { media } from '../../media/texts';
import { AttachmentChips, useAttachments } from '../../media/useAttachments';
import { preferences } from '../../preferences';
import { useStore } from '../../store';
import { ComposerBar } from './ComposerBar';
import type { Asking } from './ComposerModal';
import classes from './MessageInput.module.css';
import { ReplyingTo } from './ReplyingTo';
import { useSuggestions } from './Suggestions';
import { sendDraft } from './sending';
import { inbox } from './texts';
import { replaced } from './triggers';
import { useRefusedWindow } from './useRefusedWindow';
import { useVoice } from './useVoice';

const ComposerModal = loadedLater(() =>
  import('./ComposerModal').then((found) => found.ComposerModal),
);

/** What WhatsApp takes in one message, and the server in a note; characters. */
const MOST = 4096;
const MOST_OF_NOTE = 4000;
const MOST_OF_CAPTION = 1024;

export interface Composer {
  focus(): void;
  note(): void;
  reply(message: Message): void;
  /** Goes on with what was not sent; whether all of it is here now. */
  edit(pending: Pending): boolean;
  /** Chooses a template. */
  template(): void;
}

interface Props {
  conversation: Conversation;
  messages: readonly Message[];
  /** Whether the window for free text is open. */
  open: boolean;
  composer: RefObject<Composer | null>;
}

/** Where answers and notes are written. What is not sent stays, whatever happens. */
export function MessageInput({ conversation, messages, open, composer }: Props) {
  const t = inbox.useText();
  const now = useStore(session);
  const { enterSends } = useStore(preferences);
  const [draft, setDraft] = useState<Draft>(() => readDraft(conversation.id));
  const field = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState(draft.text.length);

  const [asking, ask] = useState<Asking | null>(null);
  useRefusedWindow(conversation.id, () => ask({ about: 'template' }));

  useEffect(() => keepDraft(conversation.id, draft), [conversation.id, draft]);
  const change = (next: Partial<Draft>) => setDraft((old) => ({ ...old, ...next }));

  const me = now.state === 'in' ? now.me.id : null;
  const leads = conversation.mode === 'human' && conversation.assigned_user?.id === me;
  const enabled = draft.note || (leads && open);
  // Whoever is writing keeps the field, though nothing comes into it any more: without it, what they
  // type would be shortcuts.
  const [focused, setFocused] = useState(false);
  // Somebody may ask for the field before it can be written in.
  const wanted = useRef(false);
  useEffect(() => {
    if (enabled && wanted.current) field.current?.focus();
    wanted.current = false;
  }, [enabled]);

  const attaching = useAttachments(conversation.id, draft.files, (files) => change({ files }));
  useImperativeHandle(composer, () => {
    const focus = () => {
      wanted.current = field.current?.disabled ?? false;
      field.current?.focus();
    };
    // What is typed right after the key belongs into the field.
    const begin = (change: (old: Draft) => Draft) => {
      flushSync(() => setDraft(change));
      focus();
    };
    return {
      focus,
      note: () => begin((old) => ({ ...old, note: true })),
      reply: ({ id }) => begin((old) => ({ ...old, note: false, replyTo: id })),
      edit: (pending) => {
        const { template, shared, file, key } = pending;
        if (template || shared) {
          if (!leads) told(t('takeFirst'));
          else if (template) ask({ about: 'template', begun: template.filled, instead: key });
          else if (shared) ask({ about: shared.type, begun: shared, instead: key });
          return false;
        }
        if (file) attaching.restore([file]);
        begin((old) => takenBack(old, pending, nameOf));
        return true;
      },
      template: () => ask({ about: 'template' }),
    };
  });
  // What is asked of whoever leads must not come back by itself when they lead again.
  useEffect(() => {
    if (!leads) ask(null);
  }, [leads]);

  const { note, text } = draft;
  const seen = messages.at(-1)?.seq ?? 0;
  const suggestions = useSuggestions({
    conversation: conversation.id,
    text: enabled ? text : '',
    caret,
    note,
    onPick: (trigger, { text: words, person }) => {
      const at = field.current?.selectionEnd ?? caret;
      let end = at;
      const put = (old: Draft): Draft => {
        const [next, after] = replaced(old.text, trigger, words, at);
        end = after;
        return { ...old, text: next, mentions: person ? [...old.mentions, person] : old.mentions };
      };
      flushSync(() => setDraft(put));
      field.current?.focus();
      field.current?.setSelectionRange(end, end);
      setCaret(end);
    },
  });

  const voice = useVoice({
    conversation: conversation.id,
    replyTo: draft.replyTo,
    seen,
    disabled: !enabled || note || text.trim() !== '' || attaching.all.length > 0,
    onSpoken: () => change({ replyTo: null }),
  });

  const attaches = enabled && !note;
  const over = useDropped(
    attaches
      ? (list) => {
          attaching.add(Array.from(list));
          field.current?.focus();
        }
      : null,
  );

  if (now.state !== 'in') return null;
  const quoted = messages.find(({ id }) => id === draft.replyTo);
  const files = note ? [] : attaching.all;
  const most = note ? MOST_OF_NOTE : files.length > 0 ? MOST_OF_CAPTION : MOST;
  const left = most - [...text].length;
  const something = text.trim() !== '' || files.length > 0;
  const sendable = enabled && something && left >= 0 && (note || !attaching.uploading);

  const replyTo = note ? null : draft.replyTo;
  // What was uploaded is not kept until then.
  const waits = sendable && !note && files.length === 0;
  const later = waits ? () => ask({ about: 'later' }) : null;

  const placeholder = () => {
    if (note) return t('writeNote');
    if (conversation.mode === 'human' && !leads) {
      return t('otherLeads', { name: conversation.assigned_user?.name ?? t('attendant') });
    }
    if (!leads) return t('takeFirst');
    if (files.length > 0) return media.say('caption');
    return open ? t('write') : t('windowClosed');
  };

  const send = () => {
    if (!sendable) return;
    sendDraft({ conversation: conversation.id, note, replyTo, seen }, draft, files);
    if (!note) attaching.clear();
    setDraft(note ? { ...NO_DRAFT, files: draft.files } : NO_DRAFT);
    field.current?.focus();
  };

  const take = (list: FileList | null) => {
    const chosen = Array.from(list ?? []);
    if (attaches && chosen.length > 0) attaching.add(chosen);
    return attaches && chosen.length > 0;
  };

  const pressed = (event: KeyboardEvent) => {
    if (suggestions.pressed(event)) return;
    if (event.key === 'Escape') {
      // What is half written stays what it is: words for colleagues must not become an answer.
      if (!note && draft.replyTo) change({ replyTo: null });
      else field.current?.blur();
      event.stopPropagation();
      return;
    }
    // An accent that is being put together ends with Enter, too.
    // With Alt it answers an offer.
    if (event.key !== 'Enter' || event.altKey || event.nativeEvent.isComposing) return;
    const control = event.ctrlKey || event.metaKey;
    if (control && event.shiftKey) {
      event.preventDefault();
      later?.();
    } else if (control || (enterSends && !event.shiftKey)) {
      event.preventDefault();
      send();
    }
  };

  return (
    <div className={classes.composer} data-note={note || undefined}>
      {over && <div className={mediaClasses.drop}>{media.say('drop')}</div>}
      {suggestions.list}
      {quoted && !note && (
        <ReplyingTo message={quoted} onCancel={() => change({ replyTo: null })} />
      )}
      {!note && leads && !open && (
        <Group gap="xs" className={classes.windowNote} wrap="nowrap">
          <Text size="xs" role="status" data-testid="window-closed">
            {t('windowClosed')}
          </Text>
          <Button
            size="compact-sm"
            variant="light"
            ml="auto"
            flex="none"
            leftSection={<IconTemplate size={16} aria-hidden />}
            onClick={() => ask({ about: 'template' })}
            data-testid="use-template"
          >
            {t('useTemplate')}
          </Button>
        </Group>
      )}
      <AttachmentChips attachments={files} onRemove={attaching.remove} onRetry={attaching.retry} />
      {voice.strip}
      <Textarea
        ref={field}
        display={voice.recording ? 'none' : undefined}
        onPaste={(event) => {
          // Cells and formatted text bring a picture of themselves along.
          const { files: pasted, types } = event.clipboardData;
          if (types.includes('text/plain') && types.includes('text/html')) return;
          if (take(pasted)) event.preventDefault();
        }}
        value={text}
        onChange={(event) => {
          change({ text: event.currentTarget.value });
          setCaret(event.currentTarget.selectionEnd);
          // Of a note, too: whoever leads knows that somebody has something to say.
          tellTyping(conversation.id);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionEnd)}
        onKeyDown={pressed}
        {...suggestions.field}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        disabled={!enabled && !focused}
        readOnly={!enabled}
        aria-disabled={!enabled || undefined}
        placeholder={placeholder()}
        aria-label={note ? t('note') : t('reply')}
        autosize
        minRows={1}
        maxRows={8}
        classNames={{ input: classes.field }}
        data-testid="message-input"
      />
      <ComposerBar
        note={note}
        onNote={() => {
          flushSync(() => change({ note: !note }));
          field.current?.focus();
        }}
        onFiles={
          attaches
            ? (chosen) => {
                take(chosen);
                field.current?.focus();
              }
            : null
        }
        onShare={(about) => ask({ about })}
        record={voice.button}
        onTemplate={leads && !note ? () => ask({ about: 'template' }) : null}
        onLater={later}
        left={left}
        onSend={sendable ? send : null}
      />
      {asking && leads && (
        <ComposerModal
          asking={asking}
          conversation={conversation}
          seen={seen}
          written={{ text: text.trim(), replyTo }}
          onShared={() => change({ replyTo: null })}
          onWritten={() => {
            ask(null);
            setDraft(NO_DRAFT);
          }}
          onClose={() => ask(null)}
        />
      )}
    </div>
  );
}
