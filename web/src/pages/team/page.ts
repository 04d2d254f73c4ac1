import { IconUsers } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'team',
  title: { 'pt-BR': 'Equipe', en: 'Team' },
  icon: IconUsers,
  section: 'manage',
  order: 20,
  needs: 'handoff:manage',
  load: () => import('./Team'),
};
