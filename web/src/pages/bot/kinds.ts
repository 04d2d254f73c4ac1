import {
  IconClock,
  IconDoorExit,
  IconForms,
  IconListDetails,
  IconMessage,
  IconUser,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Kind } from './flow';

/** What stands for a step of that kind. */
export const ICONS: Record<
  Kind,
  ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: boolean }>
> = {
  message: IconMessage,
  menu: IconListDetails,
  collect: IconForms,
  hours: IconClock,
  handoff: IconUser,
  close: IconDoorExit,
};
