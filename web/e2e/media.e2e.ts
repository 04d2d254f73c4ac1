import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { Customer, close, list, loggedIn, row, withBrowser } from './stage';

withBrowser();

/** A picture of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A sticker of one pixel. */
const STICKER = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64');

async function lead(page: Page, customer: Customer): Promise<void> {
  await customer.says('Oi');
  await list(page, 'Todas');
  await row(page, customer.name).click();
  await page.getByTestId('message').getByText('Como podemos ajudar?').waitFor();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await customer.receives('Agora você está falando com Ana.');
  await page.getByTestId('message').getByText('Agora você está falando com Ana.').waitFor();
}

it('shows what the customer sends, and lets it be saved', async () => {
  const page = await loggedIn('ana');
  const wanda = await Customer.called('Wanda Fotos');
  await lead(page, wanda);
  await wanda.sends('image', PIXEL, 'image/png', { caption: 'O comprovante' });
  const picture = page.getByRole('img', { name: 'O comprovante' });
  await picture.waitFor();
  await expect
    .poll(() => picture.evaluate((node) => (node as HTMLImageElement).naturalWidth))
    .toBe(1);
  await page.getByTestId('picture').click();
  await page.getByRole('dialog', { name: 'O comprovante' }).waitFor();
  await page.keyboard.press('Escape');

  const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n');
  await wanda.sends('document', pdf, 'application/pdf', { filename: 'nota.pdf' });
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Baixar nota.pdf' }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe('nota.pdf');
  expect(await readFile(await download.path())).toEqual(pdf);
  await close(page);
});

it('sends pictures with words, by button and by paste, and refuses before the upload', async () => {
  const page = await loggedIn('ana');
  const xena = await Customer.called('Xena Anexos');
  await lead(page, xena);
  const picker = page.getByTestId('file-picker');
  await picker.setInputFiles({
    name: 'vazio.png',
    mimeType: 'image/png',
    buffer: Buffer.alloc(0),
  });
  await page.getByText('vazio.png está vazio').waitFor();
  expect(await page.getByTestId('attachment').count()).toBe(0);

  await picker.setInputFiles({ name: 'foto.png', mimeType: 'image/png', buffer: PIXEL });
  await page.getByTestId('attachment').getByText('foto.png').waitFor();
  await expect.poll(() => page.getByTestId('send-button').isEnabled()).toBe(true);
  // What the server has is there again after a reload.
  await page.reload();
  await page.getByTestId('attachment').getByText('foto.png').waitFor();
  await page.getByTestId('message-input').fill('Segue a foto');
  await page.getByTestId('send-button').click();
  await expect
    .poll(async () => (await xena.got('image'))[0]?.message.image?.caption)
    .toBe('Segue a foto');
  const mine = page.getByRole('img', { name: 'Segue a foto' });
  await expect.poll(() => mine.evaluate((node) => (node as HTMLImageElement).naturalWidth)).toBe(1);
  expect(await page.getByTestId('picture').count()).toBe(1);

  await page.getByTestId('message-input').evaluate(
    (field, bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], 'colada.png', { type: 'image/png' }));
      field.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    },
    [...PIXEL],
  );
  await page.getByTestId('attachment').getByText('colada.png').waitFor();
  // What Office copies is text, though a picture of it comes along.
  const taken = await page.getByTestId('message-input').evaluate(
    (field, bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], 'image.png', { type: 'image/png' }));
      data.setData('text/plain', 'A1\tB1');
      data.setData('text/html', '<table></table>');
      const paste = { clipboardData: data, bubbles: true, cancelable: true };
      return !field.dispatchEvent(new ClipboardEvent('paste', paste));
    },
    [...PIXEL],
  );
  expect(taken).toBe(false);
  expect(await page.getByTestId('attachment').count()).toBe(1);
  await page.getByRole('button', { name: 'Remover colada.png' }).click();
  expect(await page.getByTestId('attachment').count()).toBe(0);
  await close(page);
});

it('records a voice message, which the customer gets as Ogg and both can hear', async () => {
  const page = await loggedIn('ana');
  const yara = await Customer.called('Yara Voz');
  await lead(page, yara);
  await page.getByTestId('record').click();
  await page.getByTestId('recording').getByText('Gravando 0:02').waitFor();
  await page.getByTestId('send-voice').click();
  await page.getByTestId('voice').waitFor();
  await expect.poll(async () => (await yara.got('audio')).length).toBe(1);
  const [sent] = await yara.got('audio');
  expect(sent?.message.audio).toMatchObject({ voice: true });
  // The browser can play what was put into the other box, and knows how long it is.
  const sound = page.locator('audio');
  await expect
    .poll(() => sound.evaluate((node) => (node as HTMLAudioElement).duration), { timeout: 20_000 })
    .toBeGreaterThan(1);

  // An address that is over is renewed; one that is broken also then is said to be.
  let over = 1;
  await page.route('**/files/*', (route) => {
    over -= 1;
    return over >= 0 ? route.fulfill({ status: 404 }) : route.continue();
  });
  await page.reload();
  await expect
    .poll(() => sound.evaluate((node) => (node as HTMLAudioElement).duration), { timeout: 20_000 })
    .toBeGreaterThan(1);
  over = Number.POSITIVE_INFINITY;
  await page.reload();
  await page.getByTestId('media-lost').getByText('Não foi possível mostrar o arquivo').waitFor();
  await page.unroute('**/files/*');
  await page.getByRole('button', { name: 'Buscar de novo' }).click();
  await page.getByTestId('voice').waitFor();

  await page.getByTestId('record').click();
  await page.getByTestId('recording').waitFor();
  await page.getByRole('button', { name: 'Descartar gravação' }).click();
  await page.getByTestId('recording').waitFor({ state: 'hidden' });
  expect(await page.getByTestId('voice').count()).toBe(1);
  await close(page);
});

it('shows reactions at what they are about, and takes them back', async () => {
  const page = await loggedIn('ana');
  const zeca = await Customer.called('Zeca Reage');
  await lead(page, zeca);
  const first = page.getByTestId('message').filter({ has: page.getByText('Oi', { exact: true }) });
  await first.hover();
  await first.getByRole('button', { name: 'Reagir' }).click();
  await page.getByRole('menuitem', { name: 'Reagir com 👍' }).click();
  await first.getByTestId('reactions').getByText('👍').waitFor();
  await expect
    .poll(async () => (await zeca.got('reaction'))[0]?.message.reaction?.emoji)
    .toBe('👍');
  await first.hover();
  await first.getByRole('button', { name: 'Reagir' }).click();
  await page.getByRole('menuitem', { name: 'Retirar a reação' }).click();
  await first.getByTestId('reactions').waitFor({ state: 'hidden' });
  await close(page);
});

/** Some pictures one after the other, as a phone would film them. */
async function film(page: Page): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [64, 48];
    const paper = canvas.getContext('2d');
    const stream = canvas.captureStream();
    const recorder = new MediaRecorder(stream, { mimeType: 'video/mp4;codecs=vp9' });
    const parts: Blob[] = [];
    const stopped = new Promise((resume) => {
      recorder.onstop = resume;
    });
    const something = new Promise<void>((resume) => {
      recorder.ondataavailable = ({ data }) => {
        if (data.size > 0) parts.push(data);
        if (parts.length > 2) resume();
      };
    });
    let shade = 0;
    const draw = () => {
      if (!paper || recorder.state === 'inactive') return;
      shade = (shade + 16) % 256;
      paper.fillStyle = `rgb(${shade} 99 99)`;
      paper.fillRect(0, 0, 64, 48);
      requestAnimationFrame(draw);
    };
    recorder.start(100);
    draw();
    await something;
    recorder.stop();
    await stopped;
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
  });
  return Buffer.from(bytes);
}

it('shows films and stickers of the customer', async () => {
  const page = await loggedIn('ana');
  const bela = await Customer.called('Bela Filma');
  await lead(page, bela);
  await bela.sends('video', await film(page), 'video/mp4', { caption: 'Veja o defeito' });
  const video = page.locator('video[aria-label="Veja o defeito"]');
  await video.waitFor();
  await expect.poll(() => video.evaluate((node) => (node as HTMLVideoElement).videoWidth)).toBe(64);
  await video.evaluate((node) => (node as HTMLVideoElement).play());
  await expect
    .poll(() => video.evaluate((node) => (node as HTMLVideoElement).currentTime))
    .toBeGreaterThan(0);

  await bela.sends('sticker', STICKER, 'image/webp');
  const sticker = page.getByRole('img', { name: 'Figurinha' });
  await sticker.waitFor();
  await expect
    .poll(() => sticker.evaluate((node) => (node as HTMLImageElement).naturalWidth))
    .toBe(1);
  // It is no picture to be looked at in large.
  expect(await page.getByTestId('picture').count()).toBe(0);
  await close(page);
});

/** Files that are held over a place, and let go there. */
async function drops(page: Page, files: { name: string; type: string }[]): Promise<void> {
  const data = await page.evaluateHandle(
    ({ all, bytes }) => {
      const transfer = new DataTransfer();
      for (const { name, type } of all) {
        transfer.items.add(new File([Uint8Array.from(bytes)], name, { type }));
      }
      return transfer;
    },
    { all: files, bytes: [...PIXEL] },
  );
  const place = page.getByTestId('message').first();
  await place.dispatchEvent('dragover', { dataTransfer: data });
  await page.getByText('Solte os arquivos para anexar').waitFor();
  await place.dispatchEvent('drop', { dataTransfer: data });
  await page.getByText('Solte os arquivos para anexar').waitFor({ state: 'hidden' });
}

it('takes files that are dropped, and sends again what did not go up', async () => {
  const page = await loggedIn('ana');
  const caio = await Customer.called('Caio Arrasta');
  await lead(page, caio);
  let cut = true;
  let tried = 0;
  await page.route('**/api/v1/media?*', (route) => {
    tried += 1;
    return cut && route.request().url().includes('dois.png') ? route.abort() : route.continue();
  });
  await drops(page, [
    { name: 'um.png', type: 'image/png' },
    { name: 'dois.png', type: 'image/png' },
  ]);
  const attachments = page.getByTestId('attachment');
  const second = attachments.filter({ hasText: 'dois.png' });
  await second.getByText('Não enviado').waitFor();
  expect(await attachments.count()).toBe(2);
  await page.getByTestId('message-input').fill('As duas fotos');
  // Nothing goes without what belongs to it.
  expect(await page.getByTestId('send-button').isDisabled()).toBe(true);

  await second.getByRole('button', { name: 'Enviar dois.png de novo' }).click();
  await expect.poll(() => tried).toBe(3);
  await second.getByText('Não enviado').waitFor();
  cut = false;
  await second.getByRole('button', { name: 'Enviar dois.png de novo' }).click();
  await second.getByText('Não enviado').waitFor({ state: 'hidden' });
  await expect.poll(() => page.getByTestId('send-button').isEnabled()).toBe(true);
  await page.getByTestId('send-button').click();
  await expect.poll(async () => (await caio.got('image')).length, { timeout: 20_000 }).toBe(2);
  const [first] = await caio.got('image');
  expect(first?.message.image?.caption).toBe('As duas fotos');

  // What could not succeed is not offered again.
  await page.route('**/api/v1/media?*', (route) =>
    route.fulfill({ status: 422, json: { code: 'validation_failed', message: 'Não serve' } }),
  );
  await drops(page, [{ name: 'estranho.png', type: 'image/png' }]);
  await page.getByText('estranho.png não foi enviado: Não serve').waitFor();
  expect(await attachments.count()).toBe(0);
  await close(page);
});
