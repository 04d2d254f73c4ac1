/** Colours and measures of the dashboard. */

import {
  ActionIcon,
  Avatar,
  Badge,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  type MantineColorsTuple,
  Menu,
  Modal,
  Table,
  Tooltip,
} from '@mantine/core';

/** The green of a conversation that is being looked after. */
const brand: MantineColorsTuple = [
  '#e8faf4',
  '#d5f2e8',
  '#a9e5d0',
  '#79d7b6',
  '#52cba0',
  '#3ac492',
  '#2ba97c',
  '#0c8f6f',
  '#08765b',
  '#005f47',
];

/** Of what cannot be taken back, in menus: red that can be read. */
export const DANGER = 'var(--mantine-color-error)';

/** Dimmed texts, empty fields and badges read well on every ground of the theme. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-7)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--mantine-color-red-text': 'var(--mantine-color-red-9)',
    '--mantine-color-orange-light-color': '#a33200',
    '--mantine-color-yellow-light-color': '#7a4100',
    '--mantine-color-red-light-color': '#b02525',
    '--mantine-color-green-light-color': '#1f6b2f',
    '--mantine-color-lime-light-color': '#3f6600',
    '--mantine-color-teal-light-color': '#0b6650',
    '--mantine-color-cyan-light-color': '#0b5f72',
    '--mantine-color-pink-light-color': '#9c1c49',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-1)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-red-text': 'var(--mantine-color-red-4)',
  },
});

export const theme = createTheme({
  colors: { brand },
  primaryColor: 'brand',
  primaryShade: 8,
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: { fontWeight: '600' },
  respectReducedMotion: true,
  focusRing: 'auto',
  cursorType: 'pointer',
  components: {
    // Those whose letters can be read on their ground.
    Avatar: Avatar.extend({
      defaultProps: { allowedInitialsColors: ['blue', 'indigo', 'violet', 'grape', 'brand'] },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 600 } }),
    // The placeholder is no item of a menu, and readers say so.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Modal: Modal.extend({
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45, blur: 2 } },
      styles: { title: { fontWeight: 600 } },
    }),
    Drawer: Drawer.extend({ styles: { title: { fontWeight: 600 } } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 'xs', horizontalSpacing: 'md' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: true } }),
  },
});
