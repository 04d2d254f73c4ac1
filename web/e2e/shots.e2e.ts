/** No test: pictures of every page, to be looked at. `script/browser shots`. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { Customer, close, DESK, list, loggedIn, PAPO, row, withBrowser, write } from './stage';

withBrowser();

const FOLDER = process.env.PAPO_PICTURES ?? 'shots';
const LOOKS = {
  light: { ...DESK, colorScheme: 'light' },
  dark: { ...DESK, colorScheme: 'dark' },
  phone: { ...DESK, viewport: { width: 390, height: 800 } },
} as const;

it('takes pictures', async () => {
  mkdirSync(FOLDER, { recursive: true });
  const customer = await Customer.called('Marina Alvorada');
  await customer.says('Oi, bom dia!');
  for (const [look, options] of Object.entries(LOOKS)) {
    const page = await loggedIn('admin', options);
    await list(page, 'Todas');
    await row(page, customer.name).first().click();
    const takeOver = page.getByRole('button', { name: 'Assumir Atendimento' });
    await takeOver.or(page.getByTestId('finish')).first().waitFor();
    if (await takeOver.isVisible()) await takeOver.click();
    await write(page, `Olá, Marina! Tudo bem? (${look})`);
    await customer.receives(`Olá, Marina! Tudo bem? (${look})`);
    await page.screenshot({ path: join(FOLDER, `inbox-${look}.png`) });
    const pages = ['/login', '/profile'];
    if (look !== 'phone') {
      const links = page.getByRole('navigation').getByRole('link');
      pages.push(
        ...(await links.evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''))),
      );
    }
    for (const address of new Set(pages)) {
      await page.goto(PAPO + address);
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: join(FOLDER, `${address.slice(1) || 'start'}-${look}.png`) });
    }
    await close(page);
  }
}, 300_000);
