import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { Customer, close, list, loggedIn, row, withBrowser } from './stage';

withBrowser();

/** Rows that may stand in the page, however many there are. */
const MOST = 80;
const PAGE = 50;

const uuid = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const at = (number: number) => new Date(Date.UTC(2027, 0, 15) - number * 60_000).toISOString();

function conversation(number: number) {
  return {
    id: uuid(number),
    channel_id: uuid(0),
    customer: { id: uuid(number), name: `Cliente ${number}`, address: '1', is_group: false },
    status: 'open',
    mode: 'bot',
    current_menu_level: 'main',
    needs_human_attention: false,
    unread_count: 0,
    last_seq: 1,
    last_message: { text: `Texto ${number}`, sender_type: 'bot', message_type: 'text' },
    last_message_at: at(number),
    quarantined: false,
    created_at: at(number),
  };
}

/** Answers as if there were `total` conversations, a page at a time. */
async function pretend(page: Page, total: number): Promise<void> {
  await page.route('**/api/v1/conversations?*', (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
    const data = Array.from({ length: Math.min(PAGE, total - from) }, (_, index) =>
      conversation(from + index),
    );
    const next = from + PAGE < total ? String(from + PAGE) : null;
    return route.fulfill({ json: { data, next_cursor: next } });
  });
}

it('10,000 conversations stand in the page as 80 rows at most', async () => {
  const page = await loggedIn('ana');
  await pretend(page, 10_000);
  await list(page, 'Todas');
  const box = page.getByTestId('conversation-list');
  await row(page, 'Cliente 0').waitFor();
  let most = 0;
  const last = page.getByText('Cliente 9999', { exact: true });
  await expect
    .poll(
      async () => {
        const rows = await box.evaluate((list) => {
          list.scrollTop = list.scrollHeight;
          return list.querySelectorAll('[data-testid="conversation-row"]').length;
        });
        most = Math.max(most, rows);
        return last.count();
      },
      { timeout: 80_000, interval: 10 },
    )
    .toBe(1);
  expect(most).toBeLessThanOrEqual(MOST);
  await close(page);
});

it('5,000 messages stand in the page as 80 rows at most, and pages above do not move it', async () => {
  const page = await loggedIn('ana');
  const kai = await Customer.called('Kai Longo');
  await kai.says('Oi');
  await page.route('**/api/v1/conversations/*/messages?*', (route) => {
    const query = new URL(route.request().url()).searchParams;
    const before = Number(query.get('cursor') ?? 5_001);
    const data = Array.from({ length: Math.min(PAGE, before - 1) }, (_, index) => {
      const seq = before - 1 - index;
      return {
        id: uuid(seq),
        conversation_id: uuid(0),
        seq,
        direction: seq % 3 ? 'inbound' : 'outbound',
        sender_type: seq % 3 ? 'customer' : 'bot',
        message_type: 'text',
        text: `Mensagem ${seq}${' com mais palavras'.repeat(seq % 12)}`,
        content: { type: 'text' },
        sent_at: at(6_000 - seq),
        late: false,
        status: seq % 3 ? null : 'read',
        created_at: at(6_000 - seq),
      };
    });
    const next = before - PAGE > 1 ? String(before - PAGE) : null;
    return route.fulfill({ json: { data, next_cursor: next } });
  });
  await list(page, 'Todas');
  await row(page, kai.name).click();
  const box = page.getByTestId('message-list');
  const shows = (seq: number) =>
    page.getByTestId('message').getByText(new RegExp(`^Mensagem ${seq}( |$)`));
  await shows(5_000).waitFor();

  // Where somebody reads stays before their eyes while a page comes in above.
  await page.waitForLoadState('networkidle');
  await box.hover();
  let most = 0;
  let jumps = 0;
  await expect
    .poll(
      async () => {
        const before = await topRow(page);
        await page.mouse.wheel(0, -600);
        const now = await topRow(page);
        most = Math.max(most, now.rows);
        // A row at the edge may come back when those above are measured; a page would be fifty.
        if (now.seq > before.seq + 2) jumps += 1;
        return now.seq;
      },
      { timeout: 60_000, interval: 10 },
    )
    .toBeLessThan(4_700);
  expect(jumps).toBe(0);

  await expect
    .poll(
      async () => {
        most = Math.max(most, (await topRow(page)).rows);
        await box.evaluate((log) => {
          log.scrollTop = 0;
        });
        return shows(1).count();
      },
      { timeout: 80_000, interval: 10 },
    )
    .toBe(1);
  expect(most).toBeLessThanOrEqual(MOST);
  await close(page);
});

it('a conversation opens at its end, where its rows are taller than they were guessed to be', async () => {
  const page = await loggedIn('ana');
  const lea = await Customer.called('Lea Alta');
  await lea.says('Oi');
  await page.route('**/api/v1/conversations/*/messages?*', (route) => {
    const data = [6, 5, 4, 3, 2, 1].map((seq) => ({
      id: uuid(seq),
      conversation_id: uuid(0),
      seq,
      direction: 'inbound',
      sender_type: 'customer',
      message_type: 'text',
      text: `Mensagem ${seq}\n`.repeat(7),
      content: { type: 'text' },
      sent_at: at(60 - seq),
      late: false,
      created_at: at(60 - seq),
    }));
    return route.fulfill({ json: { data, next_cursor: null } });
  });
  await list(page, 'Todas');
  await row(page, lea.name).click();
  const log = page.getByTestId('message-list');
  const left = () =>
    log.evaluate(({ scrollHeight, scrollTop, clientHeight }) =>
      scrollHeight > clientHeight ? scrollHeight - scrollTop - clientHeight : Number.NaN,
    );
  for (let time = 0; time < 4; time += 1) {
    await page.getByTestId('message').first().waitFor();
    await expect.poll(left).toBeLessThan(20);
    await page.reload();
  }
  await close(page);
});

/** The number of the topmost message that is seen, and how many stand in the page. */
async function topRow(page: Page): Promise<{ seq: number; rows: number }> {
  return page.getByTestId('message-list').evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const rows = [...log.querySelectorAll('[data-testid="message"]')];
    const seen = rows
      .filter((row) => row.getBoundingClientRect().bottom > top)
      .map((row) => Number(/Mensagem (\d+)/.exec(row.textContent ?? '')?.[1]));
    return { seq: Math.min(...seen), rows: rows.length };
  });
}
