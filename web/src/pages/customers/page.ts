import { IconAddressBook } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'customers/:customer?',
  title: { 'pt-BR': 'Clientes', en: 'Customers' },
  icon: IconAddressBook,
  section: 'work',
  order: 40,
  needs: 'conversation:read',
  load: () => import('./Customers'),
};
