import { expect, it } from 'vitest';
import { faultsIn, formOf, outgoing, shown, slotOf, type Template, valuesOf } from './form';

const of = (...components: object[]) =>
  formOf({ components } as unknown as Pick<Template, 'components'>);
const ORDER = { name: 'pedido', language: 'pt_BR' };

const numbered = of(
  { type: 'HEADER', format: 'TEXT', text: 'Oi {{1}}', example: { header_text: ['Lia'] } },
  {
    type: 'BODY',
    text: 'Pedido {{2}} de {{ 1 }}, {{1}}!',
    example: { body_text: [['Ana', '42']] },
  },
  { type: 'FOOTER', text: 'Padaria' },
  {
    type: 'BUTTONS',
    buttons: [
      { type: 'QUICK_REPLY', text: 'Ok' },
      { type: 'URL', text: 'Ver', url: 'https://example.com/{{1}}', example: ['7'] },
      { type: 'COPY_CODE', text: 'Copiar' },
    ],
  },
);

it('finds each gap once, those with numbers in their order', () => {
  expect(numbered.slots.map(({ id, example }) => [id, example])).toEqual([
    ['header', 'Lia'],
    ['body.1', 'Ana'],
    ['body.2', '42'],
    ['buttons.1', '7'],
    ['buttons.2', null],
  ]);
});

it('is read as the customer reads it, and sent as the API wants it', () => {
  const values = {
    header: 'Lia',
    'body.1': 'Ana',
    'body.2': '42',
    'buttons.1': '42',
    'buttons.2': 'PAO10',
  };
  expect(faultsIn(numbered, values)).toEqual({});
  expect(shown(numbered, values)).toEqual({
    header: 'Oi Lia',
    text: 'Pedido 42 de Ana, Ana!',
    footer: 'Padaria',
    buttons: ['Ok', 'Ver', 'Copiar'],
  });
  const sent = outgoing(ORDER, numbered, values);
  expect(sent).toEqual({
    ...ORDER,
    header: 'Lia',
    body: ['Ana', '42'],
    buttons: { 1: '42', 2: 'PAO10' },
  });
  expect(valuesOf(numbered, sent)).toEqual(values);
});

it('sends names with names, and nothing where there are no gaps', () => {
  const named = of({ type: 'BODY', text: 'Olá, {{nome}}! São {{total}}.' });
  const values = { 'body.nome': 'Ana', 'body.total': '$& 9' };
  const sent = outgoing(ORDER, named, values);
  expect(sent).toEqual({ ...ORDER, body: { nome: 'Ana', total: '$& 9' } });
  expect(shown(named, values).text).toBe('Olá, Ana! São $& 9.');
  expect(valuesOf(named, sent)).toEqual(values);
  expect(outgoing(ORDER, of({ type: 'BODY', text: 'Oi' }), {})).toEqual(ORDER);
});

it('leaves gaps to be seen until something is typed', () => {
  expect(shown(numbered, { 'body.1': 'Ana' })).toMatchObject({
    header: 'Oi {{1}}',
    text: 'Pedido {{2}} de Ana, Ana!',
  });
});

it('finds what the provider would refuse', () => {
  expect(
    faultsIn(numbered, {
      header: ' ',
      'body.1': 'duas\nlinhas',
      'body.2': 'é'.repeat(1025),
      'buttons.1': 'a     b',
      'buttons.2': '😀'.repeat(1024),
    }),
  ).toEqual({
    header: 'empty',
    body: 'long',
    'body.1': 'lines',
    'body.2': 'long',
    'buttons.1': 'lines',
  });
  const fine = { 'body.1': 'a', 'body.2': 'b', 'buttons.1': 'c', 'buttons.2': 'd' };
  expect(faultsIn(numbered, { ...fine, header: 'x'.repeat(57) })).toEqual({});
  expect(faultsIn(numbered, { ...fine, header: 'x'.repeat(58) })).toEqual({ header: 'long' });
  const five = of({ type: 'BODY', text: '{{1}}{{2}}{{3}}{{4}}{{5}}' });
  const most = 'x'.repeat(1024);
  const values = Object.fromEntries([1, 2, 3, 4, 5].map((gap) => [`body.${gap}`, most]));
  expect(faultsIn(five, values)).toEqual({ body: 'long' });
});

it('wants the address of a picture, and knows what it cannot send', () => {
  const picture = of({ type: 'HEADER', format: 'IMAGE' }, { type: 'BODY', text: 'Veja' });
  expect(faultsIn(picture, { header: 'http://example.com/a.png' })).toEqual({ header: 'address' });
  expect(faultsIn(picture, { header: 'https://example.com/a.png' })).toEqual({});
  expect(picture.strange).toBe(false);
  expect(of({ type: 'HEADER', format: 'LOCATION' }).strange).toBe(true);
  expect(of({ type: 'BUTTONS', buttons: [{ type: 'FLOW', text: 'Abrir' }] }).strange).toBe(true);
});

it('finds the field that the server means', () => {
  expect(slotOf(numbered, 'template.body[1]')).toBe('body.2');
  expect(slotOf(numbered, 'template.buttons.1')).toBe('buttons.1');
  expect(slotOf(numbered, 'template.name')).toBe('name');
});
