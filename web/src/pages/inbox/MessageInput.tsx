import { ActionIcon, Button, CloseButton, Group, Text, Textarea, Tooltip } from '@mantine/core';
import { IconNote, IconPaperclip, IconSend2 } from '@tabler/icons-react';
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { session } from '../../api/session';
import type { Conversation, Message } from '../../api/types';
import { failed, told } from '../../app/notify';
import { type Draft, keepDraft, NO_DRAFT, readDraft } from '../../conversations/drafts';
import { post } from '../../conversations/outbox';
import { tellTyping } from '../../conversations/typing';
import mediaClasses from '../../media/Media.module.css';
import { media } from '../../media/texts';
import { upload } from '../../media/upload';
import { AttachmentChips, useAttachments } from '../../media/useAttachments';
import { records, useRecorder } from '../../media/useRecorder';
import { RecordButton, VoiceRecorder } from '../../media/VoiceRecorder';
import { preferences } from '../../preferences';
import { useStore } from '../../store';
import classes from './Inbox.module.css';
import { senderName } from './MessageBubble';
import { useSuggestions } from './Suggestions';
import { inbox } from './texts';
import { mentionedIn, replaced } from './triggers';

/** What WhatsApp takes in one message, and the server in a note; characters. */
const MOST = 4096;
const MOST_OF_NOTE = 4000;
const MOST_OF_CAPTION = 1024;
const WARN = 300;

export interface Composer {
  focus(): void;
  note(): void;
  reply(message: Message): void;
  edit(text: string, note: boolean): void;
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

  useEffect(() => keepDraft(conversation.id, draft), [conversation.id, draft]);
  const change = (next: Partial<Draft>) => setDraft((old) => ({ ...old, ...next }));

  const me = now.state === 'in' ? now.me.id : null;
  const leads = conversation.mode === 'human' && conversation.assigned_user?.id === me;
  const enabled = draft.note || (leads && open);
  // Somebody may ask for the field before it can be written in.
  const wanted = useRef(false);
  useEffect(() => {
    if (enabled && wanted.current) field.current?.focus();
    wanted.current = false;
  }, [enabled]);

  useEffect(() => {
    const focus = () => {
      wanted.current = field.current?.disabled ?? false;
      field.current?.focus();
    };
    // What is typed right after the key belongs into the field.
    const begin = (change: (old: Draft) => Draft) => {
      flushSync(() => setDraft(change));
      focus();
    };
    composer.current = {
      focus,
      note: () => begin((old) => ({ ...old, note: true })),
      reply: ({ id }) => begin((old) => ({ ...old, note: false, replyTo: id })),
      edit: (text, note) =>
        begin((old) => ({ ...old, note, text: old.text ? `${text}\n${old.text}` : text })),
    };
    return () => {
      composer.current = null;
    };
  }, [composer]);

  const { note, text } = draft;
  const suggestions = useSuggestions({
    conversation: conversation.id,
    text,
    caret,
    note,
    onPick: (trigger, { text: words, person }) => {
      const [next, end] = replaced(text, trigger, words);
      const mentions = person ? [...draft.mentions, person] : draft.mentions;
      flushSync(() => change({ text: next, mentions }));
      field.current?.focus();
      field.current?.setSelectionRange(end, end);
      setCaret(end);
    },
  });

  const attaching = useAttachments(draft.files, (files) => change({ files }));
  const recorder = useRecorder(
    (voice) => void sendVoice(voice),
    (error) => {
      if (error instanceof DOMException) told(media.say('noMicrophone'));
      else failed(error);
    },
  );
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);

  if (now.state !== 'in') return null;
  const quoted = messages.find(({ id }) => id === draft.replyTo);
  const files = note ? [] : attaching.all;
  const most = note ? MOST_OF_NOTE : files.length > 0 ? MOST_OF_CAPTION : MOST;
  const attaches = enabled && !note;
  const left = most - [...text].length;
  const something = text.trim() !== '' || files.length > 0;
  const sendable = enabled && something && left >= 0 && (note || !attaching.uploading);

  const replyTo = note ? null : draft.replyTo;

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
    const seen = messages.at(-1)?.seq ?? 0;
    const mentions = note ? mentionedIn(text, draft.mentions) : [];
    const words = text.trim();
    const about = { conversation: conversation.id, note, replyTo };
    // The words stand under the first file that can have some, else after all of them.
    const titled = files.findIndex(({ kind }) => kind !== 'audio' && kind !== 'sticker');
    for (const [at, { stored, voice }] of files.entries()) {
      if (!stored) continue;
      const caption = at === titled ? words : '';
      post({ ...about, text: caption, seen: at === 0 ? seen : null, file: { ...stored, voice } });
    }
    if (titled < 0 && words) {
      post({ ...about, text: words, seen: files.length > 0 ? null : seen, mentions });
    }
    if (!note) attaching.clear();
    setDraft(note ? { ...NO_DRAFT, files: draft.files } : NO_DRAFT);
    field.current?.focus();
  };

  /** A voice message goes at once: whoever has spoken has nothing more to write. */
  const sendVoice = async (voice: Blob) => {
    const seen = messages.at(-1)?.seq ?? 0;
    const options = { filename: 'voz.ogg', kind: 'audio' as const, progress: () => {} };
    const signal = new AbortController().signal;
    try {
      const stored = await upload(voice, { ...options, signal });
      const file = { ...stored, voice: true };
      post({ conversation: conversation.id, text: '', note: false, replyTo, seen, file });
      change({ replyTo: null });
    } catch (error) {
      failed(error);
    }
  };

  const take = (list: FileList | null) => {
    const chosen = Array.from(list ?? []);
    if (attaches && chosen.length > 0) attaching.add(chosen);
    return attaches && chosen.length > 0;
  };

  const pressed = (event: KeyboardEvent) => {
    if (suggestions.pressed(event)) return;
    if (event.key === 'Escape') {
      if (note || draft.replyTo) change({ note: false, replyTo: null });
      else field.current?.blur();
      event.stopPropagation();
      return;
    }
    // An accent that is being put together ends with Enter, too.
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    const control = event.ctrlKey || event.metaKey;
    if (control || (enterSends && !event.shiftKey)) {
      event.preventDefault();
      send();
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files can be chosen by a button, too.
    <div
      className={classes.composer}
      data-note={note || undefined}
      onDragOver={(event) => {
        if (!attaches || !event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        if (take(event.dataTransfer.files)) event.preventDefault();
      }}
    >
      {over && <div className={mediaClasses.drop}>{media.say('drop')}</div>}
      {suggestions.list}
      {quoted && !note && (
        <Group className={classes.replying} gap="xs" wrap="nowrap">
          <div className={classes.replyingText}>
            <Text size="xs" fw={600}>
              {t('replyingTo', { name: senderName(quoted, t) })}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {quoted.text}
            </Text>
          </div>
          <CloseButton aria-label={t('cancelReply')} onClick={() => change({ replyTo: null })} />
        </Group>
      )}
      {!note && leads && !open && (
        <Text size="xs" className={classes.windowNote} role="status" data-testid="window-closed">
          {t('windowClosed')}
        </Text>
      )}
      <AttachmentChips attachments={files} onRemove={attaching.remove} />
      {recorder.now.state === 'recording' && (
        <VoiceRecorder
          recording={recorder.now}
          onFinish={recorder.finish}
          onCancel={recorder.cancel}
        />
      )}
      <Textarea
        ref={field}
        display={recorder.now.state === 'recording' ? 'none' : undefined}
        onPaste={(event) => {
          if (take(event.clipboardData.files)) event.preventDefault();
        }}
        value={text}
        onChange={(event) => {
          change({ text: event.currentTarget.value });
          setCaret(event.currentTarget.selectionEnd);
          if (leads && !note) tellTyping(conversation.id);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionEnd)}
        onKeyDown={pressed}
        {...suggestions.field}
        disabled={!enabled}
        placeholder={placeholder()}
        aria-label={note ? t('note') : t('reply')}
        autosize
        minRows={1}
        maxRows={8}
        classNames={{ input: classes.field }}
        data-testid="message-input"
      />
      <Group justify="space-between" gap="xs" mt={6} wrap="nowrap">
        <Group gap="xs" wrap="nowrap">
          <Button
            size="compact-sm"
            variant={note ? 'filled' : 'subtle'}
            color={note ? 'yellow' : 'gray'}
            aria-pressed={note}
            leftSection={<IconNote size={16} aria-hidden />}
            onClick={() => {
              flushSync(() => change({ note: !note }));
              field.current?.focus();
            }}
          >
            {t('note')}
          </Button>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            aria-label={media.say('attach')}
            data-testid="file-picker"
            onChange={(event) => {
              take(event.currentTarget.files);
              event.currentTarget.value = '';
              field.current?.focus();
            }}
          />
          <Tooltip label={media.say('attachHint')}>
            <ActionIcon
              size="lg"
              aria-label={media.say('attach')}
              disabled={!attaches}
              onClick={() => picker.current?.click()}
              data-testid="attach"
            >
              <IconPaperclip size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
          {records && (
            <RecordButton
              onStart={recorder.start}
              disabled={!attaches || something || recorder.now.state !== 'idle'}
            />
          )}
          {left < WARN && (
            <Text size="xs" c={left < 0 ? 'red' : 'dimmed'}>
              {t('left', { count: left })}
            </Text>
          )}
        </Group>
        <Tooltip label={t(enterSends ? 'sendHint' : 'sendHintCtrl')}>
          <ActionIcon
            size="lg"
            variant="filled"
            color={note ? 'yellow' : 'brand'}
            aria-label={t('send')}
            disabled={!sendable}
            onClick={send}
            data-testid="send-button"
          >
            <IconSend2 size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
    </div>
  );
}
