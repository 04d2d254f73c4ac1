import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { formatted } from './formatting';

const html = (text: string) => renderToStaticMarkup(<p>{formatted(text)}</p>).slice(3, -4);

it('marks what WhatsApp marks', () => {
  expect(html('um *forte* e _calmo_')).toBe('um <strong>forte</strong> e <em>calmo</em>');
  expect(html('~não~ ```x = 1```')).toBe('<s>não</s> <code>x = 1</code>');
  expect(html('*a _b_ c*')).toBe('<strong>a <em>b</em> c</strong>');
});

it('leaves alone what only looks like a mark', () => {
  for (const text of ['2*3*4', 'nome_do_arquivo', '* item', 'a ~ b ~ c']) {
    expect(html(text)).toBe(text);
  }
});

it('links addresses, without the stop behind them', () => {
  expect(html('veja https://example.com/a?b=1.')).toBe(
    'veja <a href="https://example.com/a?b=1" target="_blank" rel="noopener noreferrer nofollow">https://example.com/a?b=1</a>.',
  );
});

it('writes markup as text', () => {
  expect(html('<img src=x onerror=alert(1)> javascript:alert(1)')).toBe(
    '&lt;img src=x onerror=alert(1)&gt; javascript:alert(1)',
  );
});
