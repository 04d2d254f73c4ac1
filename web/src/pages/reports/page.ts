import { IconChartBar } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'reports',
  title: { 'pt-BR': 'Relatórios', en: 'Reports' },
  icon: IconChartBar,
  section: 'manage',
  order: 10,
  needs: 'handoff:manage',
  load: () => import('./Reports'),
};
