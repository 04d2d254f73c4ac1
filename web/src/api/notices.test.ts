import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { USUAL_WORDS } from './notices';

it('knows the words that the program uses', () => {
  const source = readFileSync('../crates/domain/src/bot/texts.rs', 'utf8');
  for (const [notice, words] of Object.entries(USUAL_WORDS)) {
    const constant = new RegExp(`pub const ${notice.toUpperCase()}: &str =\\s*"([^"]*)";`);
    const [, written] = constant.exec(source) ?? [];
    // A backslash at the end of a line takes away the break and what follows it.
    expect(written?.replace(/\\\n\s*/g, ''), notice).toBe(words);
  }
});
