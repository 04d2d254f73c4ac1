import { IconActivityHeartbeat } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'engine',
  title: { 'pt-BR': 'Motor', en: 'Engine' },
  icon: IconActivityHeartbeat,
  section: 'manage',
  order: 90,
  needs: 'handoff:manage',
  load: () => import('./Engine'),
};
