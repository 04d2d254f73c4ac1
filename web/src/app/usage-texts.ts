import { texts } from '../i18n/texts';

/** Words of what a company uses of its plan. */
export const usage = texts(
  'usage',
  {
    users: 'Pessoas ativas',
    channels: 'Números conectados',
    conversations: 'Conversas iniciadas neste mês',
    messages: 'Mensagens neste mês',
    storage_bytes: 'Arquivos guardados',
    of: 'de {{limit}}',
    unlimited: 'sem limite',
    exceeded: 'Acima do plano',
    near: 'Perto do limite',
  },
  {
    users: 'Active people',
    channels: 'Numbers connected',
    conversations: 'Conversations that began this month',
    messages: 'Messages this month',
    storage_bytes: 'Files stored',
    of: 'of {{limit}}',
    unlimited: 'without a limit',
    exceeded: 'Above the plan',
    near: 'Close to the limit',
  },
);
