/** What the tests stand on: a browser, people who log in, and customers with phones. */

import { join } from 'node:path';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { afterAll, beforeAll, onTestFailed, vi } from 'vitest';

/** A setting that script/browser gives. */
export function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: script/browser runs these tests`);
  return value;
}

export const PAPO = needed('PAPO_URL');
export const EMULATOR = needed('EMULATOR_URL');
const PASSWORD = needed('PAPO_DEMO_PASSWORD');
const PICTURES = needed('PAPO_PICTURES');
/** The demo's number. */
export const NUMBER = '100000000000001';
/** The account that it belongs to. */
const ACCOUNT = '200000000000001';
/** Nothing that is waited for takes longer; milliseconds. */
export const PATIENCE = 20_000;

let browser: Browser;

/** Opens a browser for the tests of a file. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // As root there is no other way; the pages are our own. Who speaks is a tone.
      args: [
        '--no-sandbox',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
      ],
    });
  });
  afterAll(() => browser?.close());
}

/** WhatsApp lets a person rest after a few messages in a row. These tests do not wait for that. */
export function withoutPauses(): void {
  beforeAll(() => control('PUT', '/rules', { pair: null }));
  afterAll(() => control('PUT', '/rules', {}));
}

export const DESK: BrowserContextOptions = {
  viewport: { width: 1400, height: 860 },
  locale: 'pt-BR',
  timezoneId: 'America/Sao_Paulo',
  reducedMotion: 'reduce',
};

let pictures = 0;

/** A window of its own, with nobody logged in. What goes wrong in it fails the test. */
export async function window(options: BrowserContextOptions = DESK): Promise<Page> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  onTestFailed(async () => {
    pictures += 1;
    await page.screenshot({ path: join(PICTURES, `failed-${pictures}.png`) }).catch(() => {});
  });
  return page;
}

export async function close(...pages: Page[]): Promise<void> {
  await Promise.all(pages.map((page) => page.context().close()));
}

export type Login = 'ana' | 'bruno' | 'supervisor' | 'admin' | 'root';

/** Fills the login's form and sends it. */
export async function fillLogin(page: Page, login: Login, password = PASSWORD): Promise<void> {
  await page.getByLabel('Empresa').fill(login === 'root' ? '' : 'demo');
  await page.getByLabel('E-mail').fill(`${login}@example.com`);
  await page.getByLabel('Senha', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Entrar' }).click();
}

/** A window of somebody who is logged in. */
export async function loggedIn(login: Login, options?: BrowserContextOptions): Promise<Page> {
  const page = await window(options);
  await page.goto(`${PAPO}/inbox`);
  await fillLogin(page, login);
  await page.getByTestId('user-menu').or(page.getByLabel('Abrir menu')).first().waitFor();
  return page;
}

/** The rows of the list that is shown. */
export function row(page: Page, name: string): Locator {
  return page.getByTestId('conversation-row').filter({ hasText: name });
}

/** Lists that are never beside the others; some of those may find no room, either. */
const MORE = ['Sem atendente', 'Adiadas', 'Encerradas', 'Arquivadas'];

/** A list folds into the menu as figures come: then the other way leads there. Milliseconds. */
const MOVES = 2_000;

/** Shows another list. */
export async function list(page: Page, name: string): Promise<void> {
  const more = page.getByTestId('more-lists');
  await more.waitFor();
  // Behind the name stands how many there are.
  const tab = page
    .getByRole('region', { name: 'Lista de conversas' })
    .getByRole('button', { name: new RegExp(`^${name}( [0-9+]+)?$`) });
  if (!MORE.includes(name) && (await tab.isVisible())) {
    const there = await tab.click({ timeout: MOVES }).then(
      () => true,
      () => false,
    );
    if (there) return;
  }
  await more.click();
  await page.getByRole('menuitem', { name }).click();
}

export async function write(page: Page, text: string): Promise<void> {
  await page.getByTestId('message-input').fill(text);
  await page.getByTestId('send-button').click();
}

/** Of those who have asked before; pages take other ones. */
const tokens = new Map<Login, string>();

async function tokenOf(login: Login): Promise<string> {
  const known = tokens.get(login);
  if (known) return known;
  const body = { email: `${login}@example.com`, password: PASSWORD };
  const answer = await call('POST', '/auth/login', { body });
  const { access_token } = (await answer.json()) as { access_token: string };
  tokens.set(login, access_token);
  return access_token;
}

async function call(
  method: string,
  path: string,
  { body, token }: { body?: unknown; token?: string },
): Promise<Response> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-tenant-slug': 'demo',
  };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(`${PAPO}/api/v1${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (answer.ok || (answer.status === 401 && token)) return answer;
  throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

/** Asks the API as somebody, for what a test needs and is not about. */
export async function asks(
  login: Login,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  let answer = await call(method, path, { body, token: await tokenOf(login) });
  if (answer.status === 401) {
    // The session was ended, or the password changed.
    tokens.delete(login);
    answer = await call(method, path, { body, token: await tokenOf(login) });
  }
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${EMULATOR}/_emulator${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE * 2),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

/** A template that was approved for the demo's account; Papo knows of it when it has read them. */
export async function approve(name: string, body: string, language = 'pt_BR'): Promise<void> {
  await control('PUT', '/templates', { waba_id: ACCOUNT, name, language, body });
}

/** Has Papo read the templates, and waits until it knows one. */
export async function readTemplates(name: string): Promise<void> {
  const { data } = (await asks('admin', 'GET', '/channels')) as { data: { id: string }[] };
  await asks('admin', 'POST', '/templates/sync', { channel_id: data[0]?.id });
  const known = async () => {
    const found = (await asks('admin', 'GET', `/templates?q=${name}`)) as { data: unknown[] };
    if (found.data.length === 0) throw new Error(`${name} was not read`);
  };
  await vi.waitFor(known, { timeout: PATIENCE, interval: 200 });
}

interface Entry {
  author: string;
  message: {
    type: string;
    text?: { body: string };
    image?: { id: string; caption?: string; mime_type: string };
    audio?: { id: string; voice?: boolean };
    reaction?: { message_id: string; emoji: string };
    context?: { id: string };
    /** A template, as the customer reads it. */
    rendered?: string;
    /** Buttons and lists. */
    interactive?: { body?: { text: string } };
  };
}

interface Chat {
  revision: number;
  entries: Entry[];
}

let customers = 0;

function newDigits(): string {
  customers += 1;
  // Files run one after the other, each in a process of its own.
  return String(Date.now()).slice(-7) + String(customers).padStart(2, '0');
}

/** A customer with a phone. */
export class Customer {
  private constructor(
    readonly name: string,
    /** Digits, with the country. */
    readonly wa_id: string,
    private readonly chat: string,
  ) {}

  /** One whom nobody has heard of; others of this name have other numbers behind it. */
  static async called(first: string): Promise<Customer> {
    const digits = newDigits();
    return Customer.with(`${first} ${digits}`, digits);
  }

  /** One of just this name, for pictures. */
  static async named(name: string): Promise<Customer> {
    return Customer.with(name, newDigits());
  }

  private static async with(name: string, digits: string): Promise<Customer> {
    const wa_id = `5547${digits}`;
    await control('PUT', '/customers', { wa_id, name });
    return new Customer(name, wa_id, `/chats/${NUMBER}/${wa_id}`);
  }

  async says(text: string): Promise<void> {
    await control('POST', `${this.chat}/messages`, { text });
  }

  /** Said something so many hours ago that only reaches the business now. */
  async said(text: string, hours: number): Promise<void> {
    const timestamp = String(Math.floor(Date.now() / 1000) - hours * 3_600);
    const message = { type: 'text', text: { body: text }, timestamp };
    await control('POST', `${this.chat}/messages`, { message });
  }

  /** Looks at the phone, which marks what is there as read. */
  async looks(): Promise<void> {
    await control('POST', `${this.chat}/open`, {});
  }

  /** What the customer sent of this type, oldest first. */
  async sent(type: string): Promise<Entry[]> {
    const { entries } = (await control('GET', this.chat)) as Chat;
    return entries.filter(({ author, message }) => author === 'customer' && message.type === type);
  }

  /** Sends a file, with what else belongs to the message. */
  async sends(type: string, bytes: Buffer, mime: string, more: object = {}): Promise<void> {
    const answer = await fetch(`${EMULATOR}/_emulator/files`, {
      method: 'PUT',
      headers: { 'content-type': mime },
      body: new Uint8Array(bytes),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const { id } = (await answer.json()) as { id: string };
    await this.tells(type, { id, mime_type: mime, ...more });
  }

  /** Sends a message of any type. */
  async tells(type: string, content: object): Promise<void> {
    await control('POST', `${this.chat}/messages`, { message: { type, [type]: content } });
  }

  /** What the business sent of this type, oldest first. */
  async got(type: string): Promise<Entry[]> {
    const { entries } = (await control('GET', this.chat)) as Chat;
    return entries.filter(({ author, message }) => author === 'business' && message.type === type);
  }

  /** The words above what the customer can choose from, as the business asked last. */
  async lastList(): Promise<string> {
    const asked = await this.got('interactive');
    return asked.at(-1)?.message.interactive?.body?.text ?? '';
  }

  /** What the phone shows of the business, as texts. */
  async sees(): Promise<string[]> {
    const { entries } = (await control('GET', this.chat)) as Chat;
    return texts(entries);
  }

  /** Waits until the phone shows a text. */
  async receives(text: string): Promise<void> {
    const until = Date.now() + PATIENCE;
    let revision = 0;
    while (Date.now() < until) {
      const left = until - Date.now();
      const chat = (await control(
        'GET',
        `${this.chat}?after_revision=${revision}&timeout_ms=${left}`,
      )) as Chat;
      revision = chat.revision;
      if (texts(chat.entries).includes(text)) return;
    }
    throw new Error(`${this.name} did not receive "${text}"`);
  }
}

function texts(entries: Entry[]): string[] {
  return entries
    .filter(({ author }) => author === 'business')
    .flatMap(
      ({ message: { text, interactive, rendered } }) =>
        text?.body ?? interactive?.body?.text ?? rendered ?? [],
    );
}
