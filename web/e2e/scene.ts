/** A day at the desk, for pictures: whoever looks at them sees what people see who work. */

import { execFileSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import { asks, Customer, DESK, type Login, needed, PATIENCE, window } from './stage';

interface Named {
  id: string;
  name: string;
}

/** Who waits: name, department, priority, why, and for how many minutes. */
const WAITING = [
  ['João Pedro Alves', 'Financeiro', 'urgent', 'Cobrança em dobro no cartão', 14],
  ['Heitor Dias', 'Financeiro', 'high', 'Precisa da nota fiscal do pedido 47310', 8],
  ['Karina Teixeira', 'Vendas', 'high', 'Quer fechar o pedido ainda hoje', 6],
  ['Isabel Moraes', 'Vendas', 'medium', 'Orçamento para 12 salas', 4],
  ['Lucas Martins', 'Financeiro', 'medium', 'Trocar a forma de pagamento', 3],
  ['Nelson Prado', 'Vendas', 'low', 'Catálogo de verão', 1],
] as const;

/** Whom the bot talks to. */
const WITH_THE_BOT = ['Bianca Leite', 'Otávio Sena', 'Priscila Andrade'];

/** Who is served, by whom, and what was said last. */
const SERVED = [
  ['Fábio Nunes', 'ana', 'Perfeito, pode mandar para esse endereço mesmo'],
  ['Eduarda Lima', 'bruno', 'A tela fica preta depois do login'],
] as const satisfies readonly (readonly [string, Login, string])[];

/** Puts it all there. Gives the conversation that is worth a look. */
export async function aDayAtTheDesk(): Promise<string> {
  const { data: departments } = (await asks('admin', 'GET', '/departments')) as { data: Named[] };
  const department = (name: string) => departments.find((one) => one.name === name)?.id;
  const labels = await words();

  for (const name of WITH_THE_BOT) await (await Customer.named(name)).says('Oi, boa tarde!');
  for (const [name, wanted, priority, reason] of WAITING) {
    const id = await begins(await Customer.named(name), 'Oi, preciso de ajuda');
    const body = { conversation_id: id, department_id: department(wanted), priority, reason };
    await asks('admin', 'POST', '/handoffs', body);
  }
  for (const [name, login, said] of SERVED) {
    const customer = await Customer.named(name);
    const id = await begins(customer, 'Olá');
    await asks(login, 'POST', `/conversations/${id}/takeover`);
    await answers(login, id, 'Olá! Já estou verificando para você.');
    await customer.says(said);
  }
  const { data: channels } = (await asks('admin', 'GET', '/channels')) as { data: Named[] };
  await asks('admin', 'POST', '/templates/sync', { channel_id: channels[0]?.id });
  const marina = await aConversation();
  const [complaint, delivery] = labels;
  await asks('ana', 'PUT', `/conversations/${marina}/labels`, { labels: [complaint, delivery] });
  longAgo();

  await asks('bruno', 'PUT', '/me/availability', { availability: 'away' });
  // The next one to ask is offered to whoever is there.
  await asks('admin', 'PATCH', `/departments/${department('Suporte')}`, {
    strategy: 'round_robin',
    offer_seconds: 600,
  });
  return marina;
}

/** Asks for somebody of the support, who is offered it. */
export async function anOffer(): Promise<void> {
  const { data: departments } = (await asks('admin', 'GET', '/departments')) as { data: Named[] };
  const id = await begins(await Customer.named('Olga Meireles'), 'O aplicativo trava ao abrir');
  await asks('admin', 'POST', '/handoffs', {
    conversation_id: id,
    department_id: departments.find(({ name }) => name === 'Suporte')?.id,
    priority: 'high',
    reason: 'O aplicativo trava ao abrir',
  });
}

/** Labels, fields and replies. */
async function words(): Promise<string[]> {
  const label = async (name: string, colour: string) =>
    ((await asks('admin', 'POST', '/labels', { name, colour })) as Named).id;
  const ids = [await label('Reclamação', '#e03131'), await label('Entrega', '#1971c2')];
  await label('Orçamento', '#2f9e44');
  await asks('admin', 'POST', '/customer-attributes', {
    key: 'plano',
    label: 'Plano',
    kind: 'choice',
    choices: ['Básico', 'Completo'],
  });
  await asks('admin', 'POST', '/customer-attributes', {
    key: 'contrato',
    label: 'Número do contrato',
    kind: 'text',
  });
  const replies = [
    ['boas-vindas', 'Boas-vindas', 'Olá, {{customer.first_name}}! Em que posso ajudar?'],
    [
      'prazo',
      'Prazo de entrega',
      'O prazo é de até 5 dias úteis depois da confirmação do pagamento.',
    ],
    [
      'pix',
      'Chave Pix',
      'Nossa chave Pix é financeiro@example.com. Assim que pagar, envie o comprovante.',
    ],
  ];
  for (const [shortcut, title, text] of replies) {
    await asks('admin', 'POST', '/canned-replies', { shortcut, title, text, scope: 'tenant' });
  }
  return ids;
}

/** The customer's first words; gives the conversation that they open. */
async function begins(customer: Customer, text: string): Promise<string> {
  await customer.says(text);
  const until = Date.now() + PATIENCE;
  while (Date.now() < until) {
    const { data } = (await asks('admin', 'GET', '/conversations?limit=50')) as {
      data: { id: string; last_seq: number; customer: { name: string } }[];
    };
    const found = data.find((one) => one.customer.name === customer.name);
    // With what the bot says to it.
    if (found && found.last_seq > 1) return found.id;
  }
  throw new Error(`${customer.name} has no conversation`);
}

async function answers(login: Login, id: string, body: string): Promise<void> {
  await asks(login, 'POST', `/conversations/${id}/messages`, { type: 'text', body });
}

/** One that has a bit of everything. */
async function aConversation(): Promise<string> {
  const marina = await Customer.named('Marina Alvorada');
  const id = await begins(marina, 'Oi, bom dia!');
  await asks('ana', 'POST', `/conversations/${id}/takeover`);
  await marina.receives('Agora você está falando com Ana.');
  await answers('ana', id, 'Bom dia, Marina! Em que posso ajudar?');
  await marina.receives('Bom dia, Marina! Em que posso ajudar?');
  await marina.says('Meu pedido 4812 ainda não chegou, era para ontem 😕');
  await marina.sends('image', await receipt(), 'image/png', { caption: 'O comprovante' });
  await asks('ana', 'POST', `/conversations/${id}/notes`, {
    note: 'A transportadora confirmou a saída às 7h40. Cliente desde 2019.',
  });
  await answers(
    'ana',
    id,
    'Já localizei: saiu do centro de distribuição hoje cedo e chega até as 18h.',
  );
  await marina.receives(
    'Já localizei: saiu do centro de distribuição hoje cedo e chega até as 18h.',
  );
  await marina.tells('location', {
    latitude: -26.3044,
    longitude: -48.8456,
    name: 'Portaria B',
    address: 'Rua das Palmeiras, 120, Joinville',
  });
  await marina.says('Ufa, obrigada! Podem deixar na portaria.');
  await marina.looks();
  return id;
}

/** A picture that a customer might send. */
async function receipt(): Promise<Buffer> {
  const page: Page = await window({ ...DESK, viewport: { width: 360, height: 260 } });
  await page.setContent(`<body style="margin:0;font:15px sans-serif;background:#f4f1ea;padding:24px">
    <h2 style="margin:0 0 12px">Comprovante do pedido 4812</h2>
    <p>1 × Luminária de mesa, azul<br>1 × Cabo de 2 m</p>
    <p><b>Total: R$ 184,90</b><br>Entrega até 21/11</p></body>`);
  const picture = await page.screenshot();
  await page.context().close();
  return picture;
}

/** The engine, which was not told, has a page say the same of the lines as of who waits in them. */
export async function asLongAgo(page: Page): Promise<void> {
  await page.route('**/api/v1/queue', async (route) => {
    const response = await route.fetch();
    const queue = (await response.json()) as {
      data: { department_name: string | null; longest_since: string | null }[];
    };
    for (const line of queue.data) {
      const waits = WAITING.filter(([, name]) => name === line.department_name).map(
        (one) => one[4],
      );
      if (!line.longest_since || waits.length === 0) continue;
      const since = Date.parse(line.longest_since) - Math.max(...waits) * 60_000;
      line.longest_since = new Date(since).toISOString();
    }
    await route.fulfill({ response, json: queue });
  });
}

/** They have waited for as long as the list says, which no test could wait for. */
function longAgo(): void {
  const minutes = WAITING.map(([name, , , , waited]) => `('${name}', ${waited})`).join(', ');
  const sql = `
    UPDATE handoffs h SET requested_at = h.requested_at - w.minutes * interval '1 minute',
      waiting_since = h.waiting_since - w.minutes * interval '1 minute',
      created_at = h.created_at - w.minutes * interval '1 minute'
    FROM (VALUES ${minutes}) AS w(name, minutes), customers u, conversations c
    WHERE h.status = 'pending' AND u.name = w.name AND u.tenant_id = h.tenant_id
      AND c.customer_id = u.id AND c.tenant_id = u.tenant_id AND c.id = h.conversation_id`;
  execFileSync(needed('PSQL'), [needed('DATABASE_URL'), '-X', '-q', '-c', sql]);
}
