import { IconClockHour4 } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'departments',
  title: { 'pt-BR': 'Departamentos', en: 'Departments' },
  icon: IconClockHour4,
  section: 'manage',
  order: 30,
  needs: 'company:manage',
  load: () => import('./Departments'),
};
