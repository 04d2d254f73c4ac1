/** A bot's flow as the editor holds it. Nothing here changes what it is given. */

export const KINDS = ['message', 'menu', 'collect', 'hours', 'handoff', 'close'] as const;
export type Kind = (typeof KINDS)[number];

export const STYLES = ['auto', 'buttons', 'list', 'numbers'] as const;
export const VALIDATIONS = ['any', 'number', 'email', 'tax_id', 'date'] as const;

export interface Option {
  id: string;
  title: string;
  description?: string;
  keywords?: string[];
  next: string;
}

export interface MessageNode {
  type: 'message';
  text: string;
  next: string;
}
export interface MenuNode {
  type: 'menu';
  text: string;
  style?: (typeof STYLES)[number];
  header?: string;
  footer?: string;
  /** The words on a list's button. */
  button?: string;
  options: Option[];
}
export interface CollectNode {
  type: 'collect';
  text: string;
  variable: string;
  validation?: (typeof VALIDATIONS)[number];
  next: string;
}
export interface HoursNode {
  type: 'hours';
  department?: string;
  open: string;
  closed: string;
}
export interface HandoffNode {
  type: 'handoff';
  text?: string;
  department?: string;
  priority?: 'low' | 'medium' | 'high' | 'urgent';
}
export interface CloseNode {
  type: 'close';
  text?: string;
}
export type Node = MessageNode | MenuNode | CollectNode | HoursNode | HandoffNode | CloseNode;

export interface Flow {
  start: string;
  nodes: Record<string, Node>;
}

/** Where a step leads to, in the order in which customers see it. */
export function leadsTo(node: Node): string[] {
  switch (node.type) {
    case 'message':
    case 'collect':
      return [node.next];
    case 'menu':
      return node.options.map(({ next }) => next);
    case 'hours':
      return [node.open, node.closed];
    case 'handoff':
    case 'close':
      return [];
  }
}

/** The steps as customers come by them, then those that nothing leads to. */
export function inOrder(flow: Flow): { id: string; reached: boolean }[] {
  const reached = new Set<string>();
  const ahead = [flow.start];
  for (let id = ahead.shift(); id !== undefined; id = ahead.shift()) {
    const node = flow.nodes[id];
    if (!node || reached.has(id)) continue;
    reached.add(id);
    ahead.push(...leadsTo(node));
  }
  const rest = Object.keys(flow.nodes).filter((id) => !reached.has(id));
  return [
    ...[...reached].map((id) => ({ id, reached: true })),
    ...rest.map((id) => ({ id, reached: false })),
  ];
}

/** The flow with every reference put through `to`. */
function redirected(flow: Flow, to: (id: string) => string): Flow {
  const turn = (node: Node): Node => {
    switch (node.type) {
      case 'message':
      case 'collect':
        return { ...node, next: to(node.next) };
      case 'menu':
        return {
          ...node,
          options: node.options.map((option) => ({ ...option, next: to(option.next) })),
        };
      case 'hours':
        return { ...node, open: to(node.open), closed: to(node.closed) };
      case 'handoff':
      case 'close':
        return node;
    }
  };
  const nodes = Object.entries(flow.nodes).map(([id, node]) => [id, turn(node)] as const);
  return { start: to(flow.start), nodes: Object.fromEntries(nodes) };
}

/** Gives a step another name, wherever it is named; a name that is taken changes nothing. */
export function renamed(flow: Flow, from: string, to: string): Flow {
  if (from === to || to in flow.nodes || !(from in flow.nodes)) return flow;
  const turned = redirected(flow, (id) => (id === from ? to : id));
  const nodes = Object.entries(turned.nodes).map(
    ([id, node]) => [id === from ? to : id, node] as const,
  );
  return { ...turned, nodes: Object.fromEntries(nodes) };
}

/** Without a step; what led to it leads nowhere until somebody chooses. */
export function without(flow: Flow, gone: string): Flow {
  const { [gone]: _, ...nodes } = flow.nodes;
  return redirected({ ...flow, nodes }, (id) => (id === gone ? '' : id));
}

export function withNode(flow: Flow, id: string, node: Node): Flow {
  return { ...flow, nodes: { ...flow.nodes, [id]: node } };
}

/** A name that no step has: `menu`, `menu_2`, … */
export function freeName(flow: Flow, wanted: string): string {
  if (!(wanted in flow.nodes)) return wanted;
  let count = 2;
  while (`${wanted}_${count}` in flow.nodes) count += 1;
  return `${wanted}_${count}`;
}

/** A step of that kind to begin with. */
export function emptyNode(kind: Kind, start: string): Node {
  switch (kind) {
    case 'message':
      return { type: 'message', text: '', next: start };
    case 'menu':
      return { type: 'menu', text: '', options: [oneOption([], start)] };
    case 'collect':
      return { type: 'collect', text: '', variable: '', next: start };
    case 'hours':
      return { type: 'hours', open: start, closed: start };
    case 'handoff':
      return { type: 'handoff', priority: 'medium' };
    case 'close':
      return { type: 'close', text: '' };
  }
}

/** Another option for these, with a tag of its own. */
export function oneOption(others: readonly Option[], next: string): Option {
  let count = others.length + 1;
  while (others.some(({ id }) => id === `option_${count}`)) count += 1;
  return { id: `option_${count}`, title: '', next };
}

/** What inputs the flow has, for use in texts. */
export function variablesOf(flow: Flow): string[] {
  const names = Object.values(flow.nodes).flatMap((node) =>
    node.type === 'collect' && node.variable ? [node.variable] : [],
  );
  return [...new Set(names)].sort();
}

/** Faults by step, then by field within it; `''` holds those of the flow as a whole. */
export type Faults = Record<string, Record<string, string>>;

/** From the server's paths, such as `flow.nodes.main.options[2].next`. */
export function faultsByStep(flow: Flow, fields: Record<string, string>): Faults {
  const faults: Faults = {};
  // The longest name first: one may begin with another and a full stop.
  const names = Object.keys(flow.nodes).sort((one, other) => other.length - one.length);
  for (const [path, message] of Object.entries(fields)) {
    const within = path.startsWith('flow.nodes.') ? path.slice('flow.nodes.'.length) : null;
    const name = names.find((id) => within === id || within?.startsWith(`${id}.`));
    const field = name === undefined || within === null ? path : within.slice(name.length + 1);
    const step = name ?? '';
    faults[step] = { ...faults[step], [field]: message };
  }
  return faults;
}

export type Shape = 'buttons' | 'list' | 'numbers';

const BUTTONS_MAX = 3;
const ROWS_MAX = 10;
export const BUTTON_TITLE_MAX = 20;
export const ROW_TITLE_MAX = 24;

/** How WhatsApp will show a menu: the first shape of its style that fits. */
export function shapeOf(menu: MenuNode): Shape {
  const { options, style = 'auto' } = menu;
  const within = (count: number, most: number) =>
    options.length <= count && options.every(({ title }) => [...title].length <= most);
  const buttons = within(BUTTONS_MAX, BUTTON_TITLE_MAX);
  const list = within(ROWS_MAX, ROW_TITLE_MAX);
  switch (style) {
    case 'numbers':
      return 'numbers';
    case 'buttons':
      return buttons ? 'buttons' : 'numbers';
    case 'list':
      return list ? 'list' : 'numbers';
    case 'auto': {
      const described = options.some(({ description }) => description !== undefined);
      if (buttons && !described) return 'buttons';
      return list ? 'list' : 'numbers';
    }
  }
}

/** A text with its placeholders filled by examples; without one they stay. */
export function filled(text: string, examples: Record<string, string>): string {
  return text.replace(/\{([a-z0-9_]+)\}/g, (whole, name: string) => examples[name] ?? whole);
}
