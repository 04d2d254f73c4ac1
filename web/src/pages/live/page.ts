import { IconBroadcast } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'live',
  title: { 'pt-BR': 'Ao vivo', en: 'Live' },
  icon: IconBroadcast,
  section: 'work',
  order: 30,
  needs: 'handoff:manage',
  load: () => import('./Live'),
};
