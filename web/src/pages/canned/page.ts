import { IconMessageBolt } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'canned',
  title: { 'pt-BR': 'Respostas prontas', en: 'Canned replies' },
  icon: IconMessageBolt,
  section: 'work',
  order: 50,
  needs: 'conversation:read',
  load: () => import('./Canned'),
};
