import { beforeEach, expect, it, vi } from 'vitest';
import { session } from '../api/session';
import type { Me } from '../api/types';
import { keepDraft, NO_DRAFT, readDraft } from '../conversations/drafts';
import { attach, attachedTo, attachments, close, detachAll, open } from './attachments';
import { type Stored, upload } from './upload';

vi.mock('./upload', () => ({ upload: vi.fn() }));

const stored = (id: string) => ({ id, kind: 'document', filename: `${id}.pdf` }) as Stored;
const file = new File(['x'], 'b.pdf', { type: 'application/pdf' });
const shown = () => attachedTo(attachments.get(), 'c1').map(({ name }) => name);
const kept = () => readDraft('c1').files.map(({ id }) => id);

/** An upload that ends when it is told to. */
function slow() {
  let arrives: (stored: Stored) => void = () => {};
  vi.mocked(upload).mockImplementation(
    (_, { signal }) =>
      new Promise((resolve, reject) => {
        arrives = resolve;
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  return (stored: Stored) => arrives(stored);
}

beforeEach(() => {
  session.set({ state: 'in', me: { id: 'ana' } as Me, acting: null });
  attachments.set({});
  localStorage.clear();
});

it('goes on with an upload while its writer looks elsewhere, into the draft', async () => {
  keepDraft('c1', { ...NO_DRAFT, text: 'Segue', files: [stored('a')] });
  const name = open('c1', readDraft('c1').files);
  const arrives = slow();
  attach('c1', [file]);
  expect(shown()).toEqual(['a.pdf', 'b.pdf']);
  close(name);
  expect(shown()).toEqual(['a.pdf', 'b.pdf']);
  arrives(stored('b'));
  await vi.waitFor(() => expect(kept()).toEqual(['a', 'b']));
  expect(readDraft('c1').text).toBe('Segue');
  // What nobody looks at stands there alone.
  await vi.waitFor(() => expect(attachments.get()).toEqual({}));
  open('c1', readDraft('c1').files);
  expect(shown()).toEqual(['a.pdf', 'b.pdf']);
});

it('is there again when its writer comes back before it is up', async () => {
  const name = open('c1', []);
  const arrives = slow();
  attach('c1', [file]);
  close(name);
  open('c1', []);
  expect(shown()).toEqual(['b.pdf']);
  arrives(stored('b'));
  await vi.waitFor(() => expect(attachedTo(attachments.get(), 'c1')[0]?.stored?.id).toBe('b'));
  detachAll('c1');
  expect(shown()).toEqual([]);
});

it('ends what is going up with the login', async () => {
  close(open('c1', []));
  slow();
  attach('c1', [file]);
  const signal = vi.mocked(upload).mock.lastCall?.[1].signal;
  session.set({ state: 'out', ended: false });
  expect(signal?.aborted).toBe(true);
  await vi.waitFor(() => expect(attachments.get()).toEqual({}));
});
