import { IconBuildingStore } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'plan',
  title: { 'pt-BR': 'Empresa e plano', en: 'Company and plan' },
  icon: IconBuildingStore,
  section: 'manage',
  order: 70,
  needs: 'company:manage',
  load: () => import('./Plan'),
};
