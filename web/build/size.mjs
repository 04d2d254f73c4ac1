// Fails if the scripts that must be there before the first page is seen have grown too large.
//
//   node build/size.mjs

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const MOST = 350 * 1024;
/** What is loaded first: the frame of all pages, and the page that follows the login. */
const FIRST = ['index.html', 'src/pages/login/Login.tsx', 'src/pages/inbox/Inbox.tsx'];

const dist = join(import.meta.dirname, '../dist');
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));

const files = new Set();
const collect = (name) => {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`${name} is not in the build`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const next of chunk.imports ?? []) collect(next);
};
for (const name of FIRST) collect(name);

let total = 0;
for (const file of files) total += gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
console.log(`first load: ${kib(total)} of script in ${files.size} files, gzipped`);
if (total > MOST) {
  console.error(`more than ${kib(MOST)}`);
  process.exit(1);
}
