import { Anchor, Badge, Group, Text } from '@mantine/core';
import {
  IconFile,
  IconMapPin,
  IconMicrophone,
  IconPhoto,
  IconShoppingBag,
  IconSticker2,
  IconTemplate,
  IconUser,
  IconVideo,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Message } from '../../api/types';
import { formatted } from '../../conversations/formatting';
import { phone } from '../../i18n/format';
import { MediaView } from '../../media/MediaView';
import classes from './MessageContent.module.css';
import { mapOf } from './place';
import { inbox } from './texts';

type Content = Record<string, unknown>;

const NAMED: Record<string, [ComponentType<{ size?: number }>, Parameters<typeof inbox.say>[0]]> = {
  image: [IconPhoto, 'image'],
  video: [IconVideo, 'video'],
  audio: [IconMicrophone, 'audio'],
  document: [IconFile, 'document'],
  sticker: [IconSticker2, 'sticker'],
  order: [IconShoppingBag, 'order'],
  template: [IconTemplate, 'template'],
};

/** What a message says. */
export function MessageContent({ message }: { message: Message }) {
  const t = inbox.useText();
  const content = (message.content ?? null) as Content | null;
  if (content === null) {
    return <em className={classes.faint}>{t('erased')}</em>;
  }
  switch (message.message_type) {
    case 'reaction': {
      const emoji = typeof content.emoji === 'string' ? content.emoji : null;
      return <em>{emoji ? t('reaction', { emoji }) : t('reactionTaken')}</em>;
    }
    case 'revoke':
      return <em className={classes.faint}>{t('revoked')}</em>;
    case 'unsupported':
    case 'unknown':
      return <em className={classes.faint}>{message.text || t('unsupported')}</em>;
    case 'location':
      return <Place content={content} />;
    case 'contacts':
      return <Cards content={content} />;
    default:
      return (
        <>
          {message.media ? (
            <MediaView media={message.media} caption={message.text} />
          ) : (
            <Kind message={message} content={content} />
          )}
          {typeof content.header === 'string' && <Header header={content.header} />}
          {message.text && <div className={classes.words}>{formatted(message.text)}</div>}
          {typeof content.footer === 'string' && (
            <div className={classes.faint}>{content.footer}</div>
          )}
          <Choices content={content} />
        </>
      );
  }
}

/** Words, or where a template has its picture, film or file. */
function Header({ header }: { header: string }) {
  const t = inbox.useText();
  if (!/^https:\/\/\S+$/.test(header)) return <Text fw={600}>{header}</Text>;
  return (
    <Anchor size="sm" href={header} target="_blank" rel="noopener noreferrer nofollow">
      {t('openAttached')}
    </Anchor>
  );
}

/** What kind of thing it is, where it is not just words. */
function Kind({ message, content }: { message: Message; content: Content }) {
  const t = inbox.useText();
  const [Icon, key] = NAMED[message.message_type] ?? [];
  if (!Icon || !key) return null;
  const voice = message.message_type === 'audio' && content.voice === true;
  const { filename } = content;
  return (
    <Group gap={6} wrap="nowrap" className={classes.kind}>
      <Icon size={18} aria-hidden />
      <span>{typeof filename === 'string' && filename ? filename : t(voice ? 'voice' : key)}</span>
    </Group>
  );
}

const words = (value: unknown) => (typeof value === 'string' ? value : '');

/** Where somebody is, or where to go. */
function Place({ content }: { content: Content }) {
  const t = inbox.useText();
  const { latitude, longitude } = content;
  const [name, address] = [words(content.name), words(content.address)];
  return (
    <Group gap={8} wrap="nowrap" align="flex-start" py={4}>
      <IconMapPin size={20} className={classes.sign} aria-hidden />
      <div>
        <div className={classes.named}>{name || address || t('location')}</div>
        {name && address && <div className={classes.faint}>{address}</div>}
        {typeof latitude === 'number' && typeof longitude === 'number' && (
          <Anchor
            size="sm"
            target="_blank"
            rel="noopener noreferrer"
            href={mapOf({ latitude, longitude })}
          >
            {t('openMap')}
          </Anchor>
        )}
      </div>
    </Group>
  );
}

interface Card {
  name?: { formatted_name?: string };
  phones?: { phone?: string; wa_id?: string }[];
  emails?: { email?: string }[];
}

/** People whose numbers were passed on. */
function Cards({ content }: { content: Content }) {
  const all = (content.contacts ?? content.cards) as Card[] | undefined;
  const t = inbox.useText();
  if (!Array.isArray(all)) return t('contacts');
  return (
    <ul className={classes.cards}>
      {all.map(({ name, phones, emails }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cards have no names of their own.
        <li key={at}>
          <IconUser size={20} className={classes.sign} aria-hidden />
          <div>
            <div className={classes.named}>{name?.formatted_name || t('contacts')}</div>
            {phones?.map(({ phone: number, wa_id }) => (
              <div key={number ?? wa_id}>{phone((number ?? wa_id ?? '').replace(/^\+/, ''))}</div>
            ))}
            {emails?.map(({ email }) => (
              <div key={email} className={classes.faint}>
                {email}
              </div>
            ))}
          </div>
        </li>
      ))}
    </ul>
  );
}

interface Choice {
  id?: string;
  title?: string;
}

/** Buttons and rows that the customer could tap. */
function Choices({ content }: { content: Content }) {
  const listed = Array.isArray(content.buttons) ? (content.buttons as (Choice | string)[]) : [];
  // Those of a template are just their words.
  const buttons = listed.map((one) => (typeof one === 'string' ? { title: one } : one));
  const sections = Array.isArray(content.sections)
    ? (content.sections as { rows?: Choice[] }[])
    : [];
  const all = [...buttons, ...sections.flatMap(({ rows }) => rows ?? [])];
  if (all.length === 0) return null;
  return (
    <Group gap={4} mt={6}>
      {all.map(({ id, title }: Choice) => (
        <Badge key={id ?? title} variant="outline" color="gray" className={classes.choice}>
          {title}
        </Badge>
      ))}
    </Group>
  );
}
