/** WhatsApp's own markup, for the preview: *bold*, _italic_, ~struck~ and ```fixed```. */

export interface Piece {
  text: string;
  style: 'plain' | 'bold' | 'italic' | 'struck' | 'fixed';
}

const MARKS: readonly [RegExp, Piece['style']][] = [
  [/^```([^`]+)```/, 'fixed'],
  [/^\*(\S(?:[^*\n]*\S)?)\*(?![\p{L}\p{N}])/u, 'bold'],
  [/^_(\S(?:[^_\n]*\S)?)_(?![\p{L}\p{N}])/u, 'italic'],
  [/^~(\S(?:[^~\n]*\S)?)~(?![\p{L}\p{N}])/u, 'struck'],
];

/** The pieces of a text. Marks count where a word could begin, as in the app; not one in another. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    const found = /[\p{L}\p{N}]$/u.test(plain) ? null : marked(text.slice(at));
    if (found) {
      if (plain) pieces.push({ text: plain, style: 'plain' });
      plain = '';
      pieces.push(found.piece);
      at += found.length;
    } else {
      plain += text.charAt(at);
      at += 1;
    }
  }
  if (plain) pieces.push({ text: plain, style: 'plain' });
  return pieces;
}

function marked(rest: string): { piece: Piece; length: number } | null {
  for (const [pattern, style] of MARKS) {
    const [whole, text] = pattern.exec(rest) ?? [];
    if (whole !== undefined && text !== undefined) {
      return { piece: { text, style }, length: whole.length };
    }
  }
  return null;
}
