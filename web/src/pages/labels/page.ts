import { IconTags } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'labels',
  title: { 'pt-BR': 'Etiquetas', en: 'Labels' },
  icon: IconTags,
  section: 'manage',
  order: 60,
  needs: 'handoff:manage',
  load: () => import('./Labels'),
};
