// Lays a gzip and a brotli form beside every built file that becomes shorter by it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const LEAST = 1024;
const dist = join(import.meta.dirname, '../dist');

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !/\.(html|js|css|svg|json)$/.test(entry.name)) continue;
  const plain = readFileSync(path);
  if (plain.length < LEAST) continue;
  const forms = {
    gz: gzipSync(plain, { level: 9 }),
    br: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  };
  for (const [ending, form] of Object.entries(forms)) {
    if (form.length < plain.length) writeFileSync(`${path}.${ending}`, form);
  }
}
