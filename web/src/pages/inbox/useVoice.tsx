import { type ReactNode, useEffect, useState } from 'react';
import { failed, told } from '../../app/notify';
import { media } from '../../media/texts';
import { records, useRecorder } from '../../media/useRecorder';
import { HeldVoice, RecordButton, VoiceRecorder } from '../../media/VoiceRecorder';
import { useStore } from '../../store';
import { dropVoice, keepVoice, sendVoice, voiceName, voices } from './voices';

interface About {
  conversation: string;
  /** The message that it answers. */
  replyTo: string | null;
  /** The newest message that its speaker has before their eyes. */
  seen: number;
  /** Nothing can be recorded now. */
  disabled: boolean;
  /** It was spoken: what it answers is done with. */
  onSpoken: () => void;
}

/** Voice messages: the button, and what stands above the field while there is one. */
export function useVoice({ conversation, replyTo, seen, disabled, onSpoken }: About): {
  recording: boolean;
  button: ReactNode;
  strip: ReactNode;
} {
  const [name] = useState(() => voiceName(conversation));
  const voice = useStore(voices, (all) => all[name]);
  const send = () => void sendVoice(conversation, seen);
  const recorder = useRecorder(
    (sound, asked) => {
      keepVoice(conversation, sound, replyTo);
      onSpoken();
      if (asked) send();
    },
    (error) => {
      if (error instanceof DOMException) told(media.say('noMicrophone'));
      else failed(error);
    },
  );
  const held = voice !== undefined;
  // A window that is closed takes it along.
  useEffect(() => {
    if (!held) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [held]);

  const recording = recorder.now.state === 'recording';
  const strip = (
    <>
      {voice && (
        <HeldVoice
          state={voice.state}
          problem={voice.problem}
          onSend={send}
          onDrop={() => dropVoice(conversation)}
        />
      )}
      {recorder.now.state === 'recording' && (
        <VoiceRecorder
          recording={recorder.now}
          onFinish={recorder.finish}
          onCancel={recorder.cancel}
        />
      )}
    </>
  );
  const busy = disabled || held || recorder.now.state !== 'idle';
  return {
    recording,
    strip,
    button: records && <RecordButton onStart={recorder.start} disabled={busy} />,
  };
}
