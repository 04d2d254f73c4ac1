import { IconHistory } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'audit',
  title: { 'pt-BR': 'Auditoria', en: 'Audit' },
  icon: IconHistory,
  section: 'manage',
  order: 80,
  needs: 'audit:read',
  load: () => import('./Audit'),
};
