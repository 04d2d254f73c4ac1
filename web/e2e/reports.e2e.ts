import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { Customer, close, list, loggedIn, PAPO, row, withBrowser, write } from './stage';

withBrowser();

/** The cells of a file for a spreadsheet in Portuguese, each of which may be quoted. */
function cells(csv: string): string[][] {
  const lines = csv.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines
    .filter((line) => line !== '')
    .map((line) =>
      [...`${line};`.matchAll(/("(?:[^"]|"")*"|[^;]*);/g)].map(([, cell = '']) =>
        cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
      ),
    );
}

const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0);

it('a report is exported, and its sums are those of the page', async () => {
  const page = await loggedIn('supervisor');
  const nina = await Customer.called('Nina Relatada');
  await nina.says('Oi');
  await list(page, 'Todas');
  await row(page, nina.name).click();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await write(page, 'Olá, Nina!');
  await nina.receives('Olá, Nina!');

  // What just happened is counted in its own time.
  await page.goto(`${PAPO}/reports?period=today&by=department`);
  const tile = page.getByTestId('tile-sessions');
  await tile.waitFor();
  const table = page.getByTestId('attendance');
  await table.waitFor();
  const column = table.locator('tbody tr td:nth-child(2)');
  const shown = async () =>
    sum((await column.allTextContents()).map((text) => Number(text.replaceAll('.', ''))));
  await expect.poll(shown, { timeout: 20_000 }).toBeGreaterThan(0);

  await page.getByTestId('export').click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Planilha (CSV)' }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^papo-.*\.csv$/);
  const [head = [], ...rows] = cells(await readFile(await file.path(), 'utf8'));
  const at = head.indexOf('sessions');
  expect(at).toBeGreaterThan(-1);
  expect(rows.every((cellsOf) => cellsOf.length === head.length)).toBe(true);
  const total = sum(rows.map((cellsOf) => Number(cellsOf[at])));
  expect(total).toBe(await shown());
  expect(await tile.textContent()).toContain(new Intl.NumberFormat('pt-BR').format(total));

  // Of one department the days are known, on the page and in the file.
  await page.getByRole('combobox', { name: 'Departamento' }).click();
  await page.getByRole('option').first().click();
  await expect.poll(() => page.url()).toContain('department=');
  await table.waitFor();
  await page.getByTestId('export').click();
  const [narrow] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Planilha (CSV)' }).click(),
  ]);
  // Whether or not it had any yet, it is a table of the same measures.
  const [measures] = cells(await readFile(await narrow.path(), 'utf8'));
  expect(measures).toEqual(head);
  await close(page);
});
