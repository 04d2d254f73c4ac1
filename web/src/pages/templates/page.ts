import { IconTemplate } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'templates',
  title: { 'pt-BR': 'Modelos', en: 'Templates' },
  icon: IconTemplate,
  section: 'manage',
  order: 55,
  needs: 'whatsapp:config',
  load: () => import('./TemplatesPage'),
};
