import { IconRobot } from '@tabler/icons-react';
import type { Page } from '../../app/page';

export const page: Page = {
  path: 'bot',
  title: { 'pt-BR': 'Robô', en: 'Bot' },
  icon: IconRobot,
  section: 'manage',
  order: 40,
  needs: 'bot:config',
  load: () => import('./Bot'),
};
