import { IconUserCog } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'profile',
  title: { 'pt-BR': 'Perfil', en: 'Profile' },
  icon: IconUserCog,
  section: 'work',
  order: 90,
  personal: true,
  load: () => import('./Profile'),
};
