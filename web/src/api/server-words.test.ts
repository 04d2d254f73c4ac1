import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemWords } from './faults';

const ROOT = join(process.cwd(), '..');

/** Where sentences about fields are written. */
const PLACES = ['src/http', 'src/auth', 'crates/domain/src'];

/** What only programs can do wrong, and what is no fault of a field. */
const FOR_PROGRAMS = [
  /cursor|valid id|Idempotency|printable ASCII|^no application state$|^cannot be read$/,
  /^must be me|^only one of department_id|^(?:cannot|has no use|has no meaning|must be there)/,
  /^is (?:not for a known password|no message of this conversation)$/,
  /^(?:not sent|no answer|not found|already done|there is no such file)/,
];

/** A sentence begins so, in the server's words. */
const SENTENCE =
  /"((?:is|are|must|has|needs|names|cannot|there|only|already|belongs|no|not) [^"]{2,200})"/g;

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.name.includes('test')) continue;
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.rs')) yield path;
  }
}

/** Sentences of a source, with a number in each gap. */
function sentences(path: string): string[] {
  const [code = ''] = readFileSync(join(ROOT, path), 'utf8').split('#[cfg(test)]');
  const plain = code
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/description = "[^"]*"/g, '')
    .replace(/(?:error|warn|info|debug|trace)!\([^;]*;/g, '');
  return [...plain.matchAll(SENTENCE)].map(([, words = '']) =>
    words
      .replace(/\\\s*/g, '')
      .replace(/\{\{|\}\}/g, '')
      .replace(/\{[^}]*\}/g, '7'),
  );
}

describe('the words of the server', () => {
  it('about fields are known in the language of the page', () => {
    const all = PLACES.flatMap((place) => [...sources(place)].flatMap(sentences));
    expect(all.length).toBeGreaterThan(80);
    const unknown = all.filter(
      (words) => !FOR_PROGRAMS.some((one) => one.test(words)) && problemWords(words) === words,
    );
    expect([...new Set(unknown)]).toEqual([]);
  });
});
