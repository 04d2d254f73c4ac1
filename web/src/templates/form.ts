/**
 * A template's form: where it has gaps, what fits into them, and what it becomes. The API checks the
 * same (crates/domain/src/template.rs); here it is said while somebody types.
 */

import type { components } from '../api/schema';

export type Template = components['schemas']['TemplateView'];

/** A gap, or a place that wants a file's address. */
export interface Slot {
  /** `header`, `body.<gap>` or `buttons.<place>`. */
  id: string;
  kind: 'header' | 'image' | 'video' | 'document' | 'body' | 'address' | 'code';
  /** The gap's name or number, or the words on the button. */
  name: string;
  /** What stood there when the template was approved. */
  example: string | null;
}

type Header = { format: 'text'; text: string } | { format: 'image' | 'video' | 'document' };

export interface Form {
  header: Header | null;
  body: string;
  footer: string | null;
  buttons: readonly string[];
  slots: readonly Slot[];
  /** It has parts that cannot be sent from here. */
  strange: boolean;
}

/** What was typed, by slot. */
export type Values = Readonly<Record<string, string>>;

/** A template to send, with what goes into its gaps. */
export interface Filled {
  name: string;
  language: string;
  header?: string;
  body?: string[] | Record<string, string>;
  buttons?: Record<string, string>;
}

/** A template as the customer reads it. */
export interface Shown {
  header: string | null;
  text: string;
  footer: string | null;
  buttons: readonly string[];
}

interface Part {
  type?: string;
  format?: string;
  text?: string;
  url?: string;
  buttons?: Part[];
  example?: unknown;
}

const VALUE_MAX = 1024;
/** Of a header when it is filled. */
const HEADER_MAX = 60;
const ADDRESS_MAX = 2000;
const TEXT_MAX = 4096;

const GAP = /\{\{([\s\S]*?)\}\}/g;

/** The names of the gaps of a text, each once, in their order. */
export function gapsOf(text: string): string[] {
  return [...new Set([...text.matchAll(GAP)].map(([, name = '']) => name.trim()))];
}

const isNumber = (gap: string) => /^\d+$/.test(gap);

/** Gaps with numbers go by their numbers; with a name among them, all have names. */
function ordered(gaps: string[]): string[] {
  return gaps.every(isNumber) ? gaps.toSorted((a, b) => Number(a) - Number(b)) : gaps;
}

const MEDIA: Record<string, 'image' | 'video' | 'document'> = {
  IMAGE: 'image',
  VIDEO: 'video',
  DOCUMENT: 'document',
};

/** The form of a template, from the parts that the provider lists. */
export function formOf(template: Pick<Template, 'components'>): Form {
  const parts: Part[] = Array.isArray(template.components) ? template.components : [];
  const slots: Slot[] = [];
  let header: Header | null = null;
  let body = '';
  let footer: string | null = null;
  let strange = false;
  const buttons: string[] = [];
  for (const part of parts) {
    const { text = '', example } = part;
    switch (part.type) {
      case 'HEADER': {
        const media = MEDIA[part.format ?? ''];
        if (media) {
          header = { format: media };
          slots.unshift({ id: 'header', kind: media, name: '', example: null });
        } else if (!part.format || part.format === 'TEXT') {
          header = { format: 'text', text };
          const [name] = gapsOf(text);
          const shown = exampleIn(example, 'header_text', 0, name);
          if (name !== undefined) {
            slots.unshift({ id: 'header', kind: 'header', name, example: shown });
          }
        } else strange = true;
        break;
      }
      case 'BODY':
        body = text;
        for (const [at, name] of ordered(gapsOf(text)).entries()) {
          const shown = exampleIn(example, 'body_text', at, name);
          slots.push({ id: `body.${name}`, kind: 'body', name, example: shown });
        }
        break;
      case 'FOOTER':
        footer = text;
        break;
      case 'BUTTONS':
        for (const button of part.buttons ?? []) {
          const kind = kindOf(button);
          if (kind === 'strange') strange = true;
          else if (kind) {
            const shown = Array.isArray(button.example) ? word(button.example[0]) : null;
            const id = `buttons.${buttons.length}`;
            slots.push({ id, kind, name: button.text ?? '', example: shown });
          }
          buttons.push(button.text ?? '');
        }
        break;
      case 'CAROUSEL':
      case 'LIMITED_TIME_OFFER':
        strange = true;
        break;
    }
  }
  return { header, body, footer, buttons, slots, strange };
}

function kindOf({ type, url = '' }: Part): 'address' | 'code' | 'strange' | null {
  switch (type) {
    case 'URL':
      return gapsOf(url).length > 0 ? 'address' : null;
    case 'OTP':
    case 'COPY_CODE':
      return 'code';
    case 'FLOW':
    case 'CATALOG':
    case 'MPM':
    case 'SPM':
      return 'strange';
    default:
      return null;
  }
}

const word = (value: unknown) => (typeof value === 'string' ? value : null);

/** What the provider was shown as an example of a gap: by its place, or by its name. */
function exampleIn(example: unknown, field: string, at: number, name = ''): string | null {
  const all = (example ?? {}) as Record<string, unknown>;
  const named = all[`${field}_named_params`];
  if (Array.isArray(named)) {
    const found = named.find((one) => (one as { param_name?: unknown })?.param_name === name);
    return word((found as { example?: unknown } | undefined)?.example);
  }
  const listed = all[field];
  const flat = Array.isArray(listed) && Array.isArray(listed[0]) ? listed[0] : listed;
  return Array.isArray(flat) ? word(flat[at]) : null;
}

/** What is wrong with a value. */
export type Fault = 'empty' | 'long' | 'lines' | 'address';

export function faultOf({ kind }: Slot, value: string): Fault | null {
  if (kind === 'image' || kind === 'video' || kind === 'document') {
    const bytes = new TextEncoder().encode(value).length;
    return value.startsWith('https://') && bytes <= ADDRESS_MAX ? null : 'address';
  }
  if (value.trim() === '') return 'empty';
  if ([...value].length > VALUE_MAX) return 'long';
  return /[\n\r\t]| {5}/.test(value) ? 'lines' : null;
}

/** All that is wrong, by slot; `body` is the whole text. */
export function faultsIn(form: Form, values: Values): Record<string, Fault> {
  const faults: Record<string, Fault> = {};
  for (const slot of form.slots) {
    const fault = faultOf(slot, values[slot.id] ?? '');
    if (fault) faults[slot.id] = fault;
  }
  const { header, text } = shown(form, values);
  const alone = !form.header && !form.footer && form.buttons.length === 0;
  if ([...text].length > (alone ? TEXT_MAX : VALUE_MAX)) faults.body = 'long';
  const filled = form.header?.format === 'text' ? (header ?? '') : '';
  if (form.slots.some(({ id }) => id === 'header') && [...filled].length > HEADER_MAX)
    faults.header ??= 'long';
  return faults;
}

/** As the customer reads it. A gap without a value stays as it is. */
export function shown(form: Form, values: Values): Shown {
  const value = values.header?.trim() ? values.header : null;
  const { header } = form;
  return {
    header:
      header?.format === 'text'
        ? header.text.replace(GAP, (gap) => value ?? gap)
        : header
          ? value
          : null,
    text: form.body.replace(GAP, (gap, name: string) => values[`body.${name.trim()}`] || gap),
    footer: form.footer,
    buttons: form.buttons,
  };
}

/** What is sent. */
export function outgoing(
  { name, language }: Pick<Template, 'name' | 'language'>,
  form: Form,
  values: Values,
): Filled {
  const value = (id: string) => values[id] ?? '';
  const filled: Filled = { name, language };
  const inBody = form.slots.filter(({ kind }) => kind === 'body');
  if (form.slots.some(({ id }) => id === 'header')) filled.header = value('header');
  if (inBody.length > 0) {
    filled.body = inBody.every((slot) => isNumber(slot.name))
      ? inBody.map(({ id }) => value(id))
      : Object.fromEntries(inBody.map((slot) => [slot.name, value(slot.id)]));
  }
  const inButtons = form.slots.filter(({ id }) => id.startsWith('buttons.'));
  if (inButtons.length > 0) {
    filled.buttons = Object.fromEntries(
      inButtons.map(({ id }) => [id.slice('buttons.'.length), value(id)]),
    );
  }
  return filled;
}

/** What was typed, from what was to be sent. */
export function valuesOf(form: Form, { header, body, buttons }: Filled): Values {
  const inBody = form.slots.filter(({ kind }) => kind === 'body');
  const values: Record<string, string> = {};
  if (header !== undefined) values.header = header;
  for (const [at, { id, name }] of inBody.entries()) {
    values[id] = (Array.isArray(body) ? body[at] : body?.[name]) ?? '';
  }
  for (const [place, value] of Object.entries(buttons ?? {})) values[`buttons.${place}`] = value;
  return values;
}

/** The slot that the server means by a field such as `template.body[0]`; the field if it is none. */
export function slotOf(form: Form, field: string): string {
  const id = field.replace(/^(?:message\.)?template\./, '');
  const place = /^body\[(\d+)\]$/.exec(id)?.[1];
  if (place === undefined) return id;
  const inBody = form.slots.filter(({ kind }) => kind === 'body');
  return inBody[Number(place)]?.id ?? 'body';
}
