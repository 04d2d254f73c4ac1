import { IconUsersGroup } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'queue',
  title: { 'pt-BR': 'Fila', en: 'Queue' },
  icon: IconUsersGroup,
  section: 'work',
  order: 20,
  needs: 'conversation:read',
  load: () => import('./Queue'),
};
