import { Button, Group, Loader, Modal, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconDownload, IconFile } from '@tabler/icons-react';
import type { Media } from '../api/types';
import { language } from '../i18n/i18n';
import { sizeWords } from './files';
import { save, useFetchAgain, useLink } from './link';
import classes from './Media.module.css';
import { media as words } from './texts';
import { VoicePlayer } from './VoicePlayer';

interface Props {
  media: Media;
  /** What a picture shows, as far as somebody said so. */
  caption: string;
  /** A customer's file can be fetched again. */
  inbound: boolean;
}

/** A file of a message: shown, played, or there to be saved. */
export function MediaView({ media, caption, inbound }: Props) {
  const t = words.useText();
  const stored = media.state === 'stored';
  const shown = stored && media.kind !== 'document';
  const link = useLink(media.id, shown);
  if (media.state === 'pending') {
    return (
      <Group gap={8} className={classes.state} role="status">
        <Loader size={16} aria-hidden /> {t('pending')}
      </Group>
    );
  }
  if (!stored) return <Lost media={media} inbound={inbound} />;
  if (media.kind === 'document') return <File media={media} />;
  if (link.isError) {
    return (
      <Group gap={8} className={classes.state}>
        <IconAlertTriangle size={16} aria-hidden /> {t('lost')}
        <Button size="compact-xs" variant="light" onClick={() => void link.refetch()}>
          {t('fetchAgain')}
        </Button>
      </Group>
    );
  }
  if (media.kind === 'audio') {
    return link.data ? (
      <VoicePlayer src={link.data} />
    ) : (
      <div className={classes.voice}>
        <Loader size={16} aria-hidden />
      </div>
    );
  }
  if (media.kind === 'video') {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what customers film has no captions.
      <video
        className={classes.video}
        src={link.data}
        controls
        preload="metadata"
        aria-label={caption || t('video')}
      />
    );
  }
  return <Picture media={media} src={link.data} caption={caption} />;
}

function Picture({
  media,
  src,
  caption,
}: {
  media: Media;
  src: string | undefined;
  caption: string;
}) {
  const t = words.useText();
  const [opened, { open, close }] = useDisclosure(false);
  const sticker = media.kind === 'sticker';
  const name = caption || media.filename || t(sticker ? 'sticker' : 'image');
  // The place is kept, so that nothing moves when the picture comes.
  const picture = <span className={classes.frame}>{src && <img src={src} alt={name} />}</span>;
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
        {src && <img className={classes.large} src={src} alt={name} />}
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

function Lost({ media, inbound }: { media: Media; inbound: boolean }) {
  const t = words.useText();
  const again = useFetchAgain(media.id);
  const state = media.state as 'failed' | 'too_large' | 'expired';
  return (
    <Group gap={8} className={classes.state} data-testid="media-lost">
      <IconAlertTriangle size={16} aria-hidden />
      <span>{t(state)}</span>
      {inbound && (
        <Button
          size="compact-xs"
          variant="light"
          loading={again.isPending}
          onClick={() => again.mutate()}
        >
          {t('fetchAgain')}
        </Button>
      )}
    </Group>
  );
}
