import { IconBrandWhatsapp } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'channels',
  title: { 'pt-BR': 'Canais', en: 'Channels' },
  icon: IconBrandWhatsapp,
  section: 'manage',
  order: 50,
  needs: 'whatsapp:config',
  load: () => import('./Channels'),
};
