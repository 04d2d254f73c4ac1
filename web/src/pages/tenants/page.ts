import { IconBuildingStore } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'tenants',
  title: { 'pt-BR': 'Empresas', en: 'Companies' },
  icon: IconBuildingStore,
  section: 'platform',
  order: 10,
  needs: 'organization:manage',
  load: () => import('./Tenants'),
};
