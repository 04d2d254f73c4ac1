/** No test: pictures of every page, to be looked at. `script/browser shots`. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { addresses, furnish, open } from './pages';
import {
  Customer,
  close,
  DESK,
  list,
  loggedIn,
  PAPO,
  row,
  window,
  withBrowser,
  write,
} from './stage';

withBrowser();

const FOLDER = process.env.PAPO_PICTURES ?? 'shots';
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

it('takes pictures', async () => {
  mkdirSync(FOLDER, { recursive: true });
  await furnish();
  const marina = await Customer.called('Marina Alvorada');
  await marina.says('Oi, bom dia!');
  const desk = await loggedIn('admin');
  const pages = await addresses(desk);
  await close(desk);
  for (const [look, options] of Object.entries(LOOKS)) {
    const guest = await window(options);
    await open(guest, `${PAPO}/login`);
    await guest.screenshot({ path: fileOf('/login', look) });
    await close(guest);

    const page = await loggedIn('admin', options);
    await list(page, 'Todas');
    await row(page, marina.name).first().click();
    const takeOver = page.getByRole('button', { name: 'Assumir Atendimento' });
    await takeOver.or(page.getByTestId('finish')).first().waitFor();
    if (await takeOver.isVisible()) await takeOver.click();
    await write(page, `Olá, Marina! Tudo bem? (${look})`);
    await marina.receives(`Olá, Marina! Tudo bem? (${look})`);
    await page.screenshot({ path: fileOf('/conversation', look) });
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
}, 300_000);
