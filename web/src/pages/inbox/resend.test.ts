import { expect, it } from 'vitest';
import type { Message } from '../../api/types';
import { again } from './resend';

const failed = (message_type: string, more: Partial<Message> & { content?: unknown }) =>
  ({
    id: 'm7',
    conversation_id: 'c1',
    sender_type: 'attendant',
    status: 'failed',
    message_type,
    text: '',
    ...more,
  }) as Message;

it('sends words again, once, after what has been read by now', () => {
  const message = failed('text', { text: 'Bom dia' });
  expect(again(message, 'm3', 9)).toEqual({
    key: 'resend:m7',
    conversation: 'c1',
    text: 'Bom dia',
    note: false,
    replyTo: 'm3',
    seen: 9,
  });
  expect(again({ ...message, status: 'unconfirmed' }, null, 9)).not.toBeNull();
});

it('leaves alone what arrived, and what others said', () => {
  const message = failed('text', { text: 'Bom dia' });
  expect(again({ ...message, status: 'sent' }, null, 9)).toBeNull();
  expect(again({ ...message, sender_type: 'bot' }, null, 9)).toBeNull();
  expect(again(failed('location', { content: {} as never }), null, 9)).toBeNull();
});

it('sends a file again that the server still has', () => {
  const media = { id: 'f1', kind: 'audio', mime_type: 'audio/ogg', size: 9, state: 'stored' };
  const message = failed('audio', {
    content: { type: 'audio', voice: true } as never,
    media: media as Message['media'],
  });
  expect(again(message, null, 9)?.file).toEqual({
    id: 'f1',
    kind: 'audio',
    mime_type: 'audio/ogg',
    size: 9,
    filename: null,
    voice: true,
  });
});

it('fills a template as it was filled', () => {
  const content = (components: unknown) =>
    ({ type: 'template', name: 'aviso', language: 'pt_BR', footer: 'Papo', components }) as never;
  const text = (value: string, name?: string) => ({ type: 'text', text: value, name });
  const numbered = [
    { type: 'header', parameters: [{ type: 'image', link: 'https://example.com/a.png' }] },
    { type: 'body', parameters: [text('Ana'), text('sexta')] },
    { type: 'button', kind: 'url', index: 1, parameters: [text('p/1')] },
  ];
  const message = failed('template', { text: 'Olá, Ana', content: content(numbered) });
  expect(again(message, null, 9)?.template).toEqual({
    filled: {
      name: 'aviso',
      language: 'pt_BR',
      header: 'https://example.com/a.png',
      body: ['Ana', 'sexta'],
      buttons: { 1: 'p/1' },
    },
    shown: { header: null, text: 'Olá, Ana', footer: 'Papo', buttons: [] },
  });
  const named = [{ type: 'body', parameters: [text('Ana', 'cliente')] }];
  const other = failed('template', { content: content(named) });
  expect(again(other, null, 9)?.template?.filled.body).toEqual({ cliente: 'Ana' });
});

it('sends a place and people again', () => {
  const place = { type: 'location', latitude: -26.3, longitude: -48.8, name: 'Loja' };
  expect(again(failed('location', { content: place as never }), null, 9)?.shared).toEqual({
    ...place,
    address: null,
  });
  const cards = [{ name: { formatted_name: 'Zé', first_name: 'Zé' }, phones: [{ phone: '+55' }] }];
  const people = { type: 'contacts', cards };
  expect(again(failed('contacts', { content: people as never }), null, 9)?.shared).toEqual({
    type: 'contacts',
    contacts: cards,
  });
});
