/** Text as WhatsApp shows it: *bold*, _italic_, ~struck~, ```monospaced```, and links. */

import type { ReactNode } from 'react';

const PARTS =
  /```([^`]+)```|(?<![\p{L}\p{N}])\*(\S(?:[^*\n]*\S)?)\*(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_(\S(?:[^_\n]*\S)?)_(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])~(\S(?:[^~\n]*\S)?)~(?![\p{L}\p{N}])|(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/gu;

/** Nothing of the text becomes markup: every part is a node of its own. */
export function formatted(text: string): ReactNode[] {
  const nodes: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(PARTS)) {
    if (match.index > end) nodes.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const [, mono, bold, italic, struck, link] = match;
    const key = match.index;
    if (mono !== undefined) nodes.push(<code key={key}>{mono}</code>);
    else if (bold !== undefined) nodes.push(<strong key={key}>{formatted(bold)}</strong>);
    else if (italic !== undefined) nodes.push(<em key={key}>{formatted(italic)}</em>);
    else if (struck !== undefined) nodes.push(<s key={key}>{formatted(struck)}</s>);
    else if (link !== undefined) {
      nodes.push(
        <a key={key} href={link} target="_blank" rel="noopener noreferrer nofollow">
          {link}
        </a>,
      );
    }
  }
  if (end < text.length) nodes.push(text.slice(end));
  return nodes;
}
