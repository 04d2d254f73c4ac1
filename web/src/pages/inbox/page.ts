import { IconMessages } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'inbox/:conversation?',
  title: { 'pt-BR': 'Conversas', en: 'Inbox' },
  icon: IconMessages,
  section: 'work',
  order: 10,
  needs: 'conversation:read',
  load: () => import('./Inbox'),
};
