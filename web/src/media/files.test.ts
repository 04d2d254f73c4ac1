import { expect, it } from 'vitest';
import { judge, sizeWords } from './files';

const MB = 1024 * 1024;

it('says before the upload what a file will be', () => {
  expect(judge({ type: 'image/jpeg', size: MB })).toEqual({ kind: 'image', as: null });
  expect(judge({ type: 'audio/ogg; codecs=opus', size: MB })).toEqual({ kind: 'audio', as: null });
  expect(judge({ type: 'image/webp', size: MB })).toEqual({ kind: 'document', as: null });
  expect(judge({ type: '', size: MB })).toEqual({ kind: 'document', as: null });
});

it('sends what is too large for its kind as a document, and refuses the rest', () => {
  expect(judge({ type: 'image/png', size: 6 * MB })).toEqual({ kind: 'document', as: 'document' });
  expect(judge({ type: 'video/mp4', size: 101 * MB })).toEqual({ refused: 'tooLarge' });
  expect(judge({ type: 'image/png', size: 0 })).toEqual({ refused: 'empty' });
  expect(judge({ type: 'audio/x-m4a', size: 20 * MB })).toEqual({
    kind: 'document',
    as: 'document',
  });
  for (const type of ['application/zip', 'image/heic', 'video/quicktime']) {
    expect(judge({ type, size: MB })).toEqual({ refused: 'notTaken' });
  }
});

it('says sizes as people do', () => {
  expect(sizeWords(300, 'en')).toBe('1 kB');
  expect(sizeWords(48_213, 'en')).toBe('47 kB');
  expect(sizeWords(3.25 * MB, 'pt-BR')).toBe('3,3 MB');
});
