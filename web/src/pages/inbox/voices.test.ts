import { beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/errors';
import { session } from '../../api/session';
import type { Me } from '../../api/types';
import { post } from '../../conversations/outbox';
import { type Stored, upload } from '../../media/upload';
import { dropVoice, keepVoice, sendVoice, voiceName, voices } from './voices';

vi.mock('../../conversations/outbox', () => ({ post: vi.fn() }));
vi.mock('../../media/upload', () => ({ upload: vi.fn() }));

const sound = new Blob(['…'], { type: 'audio/ogg' });
const stored = { id: 'f1', kind: 'audio' } as Stored;
const now = () => voices.get()[voiceName('c1')];

beforeEach(() => {
  session.set({ state: 'in', me: { id: 'ana' } as Me, acting: null });
  voices.set({});
  vi.mocked(post).mockReset();
  vi.mocked(upload).mockReset().mockResolvedValue(stored);
});

it('keeps what could not be sent, and sends it later', async () => {
  vi.mocked(upload).mockRejectedValueOnce(new ApiError(0, 'offline', 'Sem conexão'));
  keepVoice('c1', sound, 'm3');
  await sendVoice('c1', 7);
  expect(post).not.toHaveBeenCalled();
  expect(now()).toMatchObject({ sound, state: 'failed', problem: 'Sem conexão' });
  await sendVoice('c1', 9);
  expect(now()).toBeUndefined();
  expect(post).toHaveBeenCalledWith(
    expect.objectContaining({ replyTo: 'm3', seen: 9, file: { ...stored, voice: true } }),
  );
});

it('sends once, however often it is asked', async () => {
  keepVoice('c1', sound, null);
  await Promise.all([sendVoice('c1', 7), sendVoice('c1', 7)]);
  expect(upload).toHaveBeenCalledTimes(1);
  expect(post).toHaveBeenCalledTimes(1);
});

it('sends nothing that was thrown away, or whose speaker has left', async () => {
  keepVoice('c1', sound, null);
  const going = sendVoice('c1', 7);
  dropVoice('c1');
  await going;
  keepVoice('c1', sound, null);
  const other = sendVoice('c1', 7);
  session.set({ state: 'in', me: { id: 'bruno' } as Me, acting: null });
  await other;
  expect(post).not.toHaveBeenCalled();
});
