/** No test: pictures of every page, to be looked at. `script/browser shots`. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { it } from 'vitest';
import { addresses, open } from './pages';
import { aDayAtTheDesk, anOffer, asLongAgo } from './scene';
import { close, DESK, list, loggedIn, needed, PAPO, row, window, withBrowser } from './stage';

withBrowser();

const FOLDER = needed('PAPO_PICTURES');
const PHONE = { ...DESK, viewport: { width: 390, height: 844 } };
const LOOKS = {
  light: { ...DESK, colorScheme: 'light' },
  dark: { ...DESK, colorScheme: 'dark' },
  phone: { ...PHONE, colorScheme: 'light' },
  'phone-dark': { ...PHONE, colorScheme: 'dark' },
} as const;

/** A file for an address: `/engine?tab=jobs` is `engine-tab-jobs`. */
function fileOf(address: string, look: string): string {
  const name = address
    .replace(/[0-9a-f-]{36}/, 'one')
    .replace(/[^a-z]+/gi, '-')
    .replace(/^-|-$/g, '');
  return join(FOLDER, `${name || 'start'}-${look}.png`);
}

/** What an attendant sees: their conversations, one of them, and what they are asked. */
async function ofAnAttendant(page: Page, look: string, conversation: string): Promise<void> {
  await open(page, `${PAPO}/inbox`);
  await list(page, 'Minhas');
  await row(page, 'Marina Alvorada').waitFor();
  await page.screenshot({ path: fileOf('/inbox-mine', look) });
  await open(page, `${PAPO}/inbox/${conversation}?list=all`);
  await page.getByRole('img', { name: 'O comprovante' }).waitFor();
  await page.screenshot({ path: fileOf('/conversation', look) });
  await page.getByRole('button', { name: 'Nota interna' }).click();
  await page.keyboard.type('@');
  await page.getByTestId('suggestions').waitFor();
  await page.screenshot({ path: fileOf('/conversation-note', look) });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  for (const [key, name] of [
    ['e', 'close'],
    ['t', 'transfer'],
    ['s', 'snooze'],
    ['?', 'keys'],
    ['Control+k', 'palette'],
  ] as const) {
    await page.keyboard.press(key);
    await page.getByRole('dialog').waitFor();
    await page.screenshot({ path: fileOf(`/dialog-${name}`, look) });
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  }
}

it('takes pictures', async () => {
  mkdirSync(FOLDER, { recursive: true });
  const conversation = await aDayAtTheDesk();
  const desk = await loggedIn('admin');
  const pages = await addresses(desk);
  await close(desk);
  const [ana, bruno] = await Promise.all([loggedIn('ana'), loggedIn('bruno')]);
  for (const [look, options] of Object.entries(LOOKS)) {
    const guest = await window(options);
    await open(guest, `${PAPO}/login`);
    await guest.screenshot({ path: fileOf('/login', look) });
    await close(guest);

    const page = await loggedIn('ana', options);
    await ofAnAttendant(page, look, conversation);
    if (look.startsWith('phone')) {
      await open(page, `${PAPO}/inbox`);
      await page.getByLabel('Abrir menu').click();
      await page.getByRole('dialog', { name: 'Navegação' }).waitFor();
      await page.screenshot({ path: fileOf('/menu', look) });
    }
    await close(page);
  }
  await anOffer();
  await ana.getByTestId('offer').waitFor();
  for (const [look, options] of Object.entries(LOOKS)) {
    const asked = await loggedIn('ana', options);
    await asked.getByTestId('offer').waitFor();
    await open(asked, `${PAPO}/inbox/${conversation}?list=mine`);
    await asked.getByTestId('offer').waitFor();
    await asked.screenshot({ path: fileOf('/offer', look) });
    await close(asked);

    const page = await loggedIn('admin', options);
    await asLongAgo(page);
    for (const address of pages) {
      await open(page, PAPO + address);
      await page.screenshot({ path: fileOf(address, look) });
    }
    await close(page);

    const root = await loggedIn('root', options);
    await open(root, `${PAPO}/tenants`);
    await root.screenshot({ path: fileOf('/tenants', look) });
    await close(root);
  }
  await close(ana, bruno);
}, 600_000);
