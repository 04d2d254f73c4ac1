import { Button, Group, Loader, Modal, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload, IconFile } from '@tabler/icons-react';
import { me } from '../api/session';
import type { Media } from '../api/types';
import { language } from '../i18n/i18n';
import { sizeWords } from './files';
import { Lost } from './Lost';
import { save, useFetchAgain, useLink } from './link';
import classes from './Media.module.css';
import { media as words } from './texts';
import { usePlayer } from './usePlayer';
import { VoicePlayer } from './VoicePlayer';

interface Props {
  media: Media;
  /** What a picture shows, as far as somebody said so. */
  caption: string;
}

/** A file of a message: shown, played, or there to be saved. */
export function MediaView({ media, caption }: Props) {
  const t = words.useText();
  const stored = media.state === 'stored';
  if (media.state === 'pending') {
    return (
      <Group gap={8} className={classes.state} role="status">
        <Loader size={16} aria-hidden /> {t('pending')}
      </Group>
    );
  }
  if (!stored) return <Missing media={media} />;
  if (media.kind === 'document') return <File media={media} />;
  if (media.kind === 'audio') return <VoicePlayer id={media.id} />;
  if (media.kind === 'video') return <Film id={media.id} caption={caption} />;
  return <Picture media={media} caption={caption} />;
}

function Film({ id, caption }: { id: string; caption: string }) {
  const t = words.useText();
  const { element, src, lost, again, handlers } = usePlayer<HTMLVideoElement>(id);
  if (lost) return <Lost words={t('lost')} onAgain={again} />;
  return (
    <video
      ref={element}
      className={classes.video}
      src={src}
      controls
      preload="metadata"
      aria-label={caption || t('video')}
      {...handlers}
    />
  );
}

function Picture({ media, caption }: Props) {
  const t = words.useText();
  const link = useLink(media.id);
  const src = link.data;
  // Opened after a while, its address may be over.
  const renew = () => {
    if (Date.now() - link.dataUpdatedAt > 60_000) void link.refetch();
  };
  const [opened, { open, close }] = useDisclosure(false);
  const sticker = media.kind === 'sticker';
  const name = caption || media.filename || t(sticker ? 'sticker' : 'image');
  // The place is kept, so that nothing moves when the picture comes.
  const picture = (
    <span className={classes.frame}>{src && <img src={src} alt={name} onError={renew} />}</span>
  );
  if (link.isError && !src) return <Lost words={t('lost')} onAgain={() => void link.refetch()} />;
  if (sticker) return <span className={classes.sticker}>{picture}</span>;
  return (
    <>
      <UnstyledButton
        className={classes.picture}
        onClick={open}
        aria-label={`${t('open')}: ${name}`}
        data-testid="picture"
      >
        {picture}
      </UnstyledButton>
      <Modal opened={opened} onClose={close} title={name} size="auto" data-testid="lightbox">
        {src && <img className={classes.large} src={src} alt={name} onError={renew} />}
        <Group justify="flex-end" mt="sm">
          <Button
            variant="light"
            leftSection={<IconDownload size={16} aria-hidden />}
            onClick={() => void save(media.id, media.filename ?? 'imagem')}
          >
            {t('download', { name: '' })}
          </Button>
        </Group>
      </Modal>
    </>
  );
}

function File({ media }: { media: Media }) {
  const t = words.useText();
  const name = media.filename ?? t('document');
  return (
    <UnstyledButton
      className={classes.file}
      aria-label={t('download', { name })}
      onClick={() => void save(media.id, name)}
      data-testid="file"
    >
      <IconFile size={22} aria-hidden />
      <span className={classes.name}>
        <Text span size="sm" fw={500} className={classes.filename}>
          {name}
        </Text>
        {media.size != null && (
          <Text span size="xs" c="dimmed">
            {sizeWords(media.size, language())}
          </Text>
        )}
      </span>
      <IconDownload size={18} aria-hidden />
    </UnstyledButton>
  );
}

/** Its bytes never came. Only what the provider had can be missing, so it may be asked again. */
function Missing({ media }: { media: Media }) {
  const t = words.useText();
  const again = useFetchAgain(media.id);
  const state = media.state as 'failed' | 'too_large' | 'expired';
  const asks = me().permissions.includes('conversation:attend');
  return (
    <Lost words={t(state)} onAgain={asks ? () => again.mutate() : null} busy={again.isPending} />
  );
}
