import { ActionIcon, UnstyledButton } from '@mantine/core';
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { clock } from '../i18n/format';
import { Lost } from './Lost';
import classes from './Media.module.css';
import { media } from './texts';
import { usePlayer } from './usePlayer';

const RATES = [1, 1.5, 2] as const;

/** Only one is heard at a time. */
let sounding: HTMLAudioElement | null = null;

/** Plays a sound. Nothing is loaded before somebody wants to hear it, but how long it is. */
export function VoicePlayer({ id }: { id: string }) {
  const t = media.useText();
  const { element: audio, src, lost, again, handlers } = usePlayer<HTMLAudioElement>(id);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);
  const [rate, setRate] = useState<(typeof RATES)[number]>(1);

  const toggle = () => {
    const sound = audio.current;
    if (!sound) return;
    if (playing) return sound.pause();
    if (sounding !== sound) sounding?.pause();
    sounding = sound;
    sound.playbackRate = rate;
    // Refused where nobody has touched the page yet, or what came is no sound.
    sound.play().catch(() => setPlaying(false));
  };
  const faster = () => {
    const next = RATES[(RATES.indexOf(rate) + 1) % RATES.length] ?? 1;
    setRate(next);
    if (audio.current) audio.current.playbackRate = next;
  };
  const measure = () => {
    const { duration = 0 } = audio.current ?? {};
    if (Number.isFinite(duration)) setLength(duration);
  };

  if (lost) return <Lost words={t('lost')} onAgain={again} />;
  return (
    <div className={classes.voice} data-testid="voice">
      {/* biome-ignore lint/a11y/useMediaCaption: what customers say has no captions. */}
      <audio
        ref={audio}
        src={src}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onError={handlers.onError}
        onLoadedMetadata={() => {
          handlers.onLoadedMetadata();
          measure();
        }}
        onDurationChange={measure}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
      />
      <ActionIcon
        size="lg"
        radius="xl"
        variant="filled"
        color="brand"
        aria-label={t(playing ? 'pause' : 'play')}
        onClick={toggle}
      >
        {playing ? (
          <IconPlayerPauseFilled size={16} aria-hidden />
        ) : (
          <IconPlayerPlayFilled size={16} aria-hidden />
        )}
      </ActionIcon>
      <input
        type="range"
        className={classes.position}
        min={0}
        max={Math.max(length, at, 0.1)}
        step={0.1}
        value={at}
        aria-label={t('position')}
        aria-valuetext={`${clock(at)} / ${clock(length)}`}
        onChange={(event) => {
          const next = Number(event.currentTarget.value);
          if (audio.current) audio.current.currentTime = next;
          setAt(next);
        }}
      />
      <span className={classes.clock}>{clock(playing || at > 0 ? at : length)}</span>
      <UnstyledButton
        className={classes.rate}
        aria-label={t('speed', { rate: `${rate}×` })}
        onClick={faster}
      >
        {rate}×
      </UnstyledButton>
    </div>
  );
}
