import { describe, expect, it } from 'vitest';
import {
  emptyNode,
  type Flow,
  faultsByStep,
  filled,
  freeName,
  inOrder,
  type MenuNode,
  oneOption,
  renamed,
  shapeOf,
  without,
} from './flow';
import { piecesOf } from './markup';

const FLOW: Flow = {
  start: 'main',
  nodes: {
    lost: { type: 'close' },
    ask: { type: 'collect', text: 'CPF?', variable: 'cpf', next: 'person' },
    person: { type: 'handoff' },
    main: {
      type: 'menu',
      text: 'Olá',
      options: [
        { id: 'a', title: 'Boleto', next: 'ask' },
        { id: 'b', title: 'Pessoa', next: 'person' },
        { id: 'c', title: 'De novo', next: 'main' },
      ],
    },
  },
};

function menu(options: { title: string; description?: string }[], style?: MenuNode['style']) {
  const rows = options.map((option, at) => ({ id: `${at}`, next: 'x', ...option }));
  return shapeOf({ type: 'menu', text: 'Olá', style, options: rows });
}

describe('the flow editor', () => {
  it('shows steps as customers come by them, and those that nothing leads to', () => {
    expect(inOrder(FLOW)).toEqual([
      { id: 'main', reached: true },
      { id: 'ask', reached: true },
      { id: 'person', reached: true },
      { id: 'lost', reached: false },
    ]);
  });

  it('renames a step wherever it is named, and never over another', () => {
    const flow = renamed(FLOW, 'main', 'inicio');
    expect(flow.start).toBe('inicio');
    expect((flow.nodes.inicio as MenuNode).options.map(({ next }) => next)).toEqual([
      'ask',
      'person',
      'inicio',
    ]);
    expect(flow.nodes.main).toBeUndefined();
    expect(renamed(FLOW, 'main', 'ask')).toBe(FLOW);
  });

  it('leaves open where a removed step was led to', () => {
    const flow = without(FLOW, 'person');
    expect(flow.nodes.person).toBeUndefined();
    expect(flow.nodes.ask).toMatchObject({ next: '' });
    expect((flow.nodes.main as MenuNode).options[1]?.next).toBe('');
    expect(FLOW.nodes.person).toBeDefined();
  });

  it('finds names that are free', () => {
    expect(freeName(FLOW, 'menu')).toBe('menu');
    expect(freeName(FLOW, 'main')).toBe('main_2');
    const options = [oneOption([], 'main')];
    options.push(oneOption(options, 'main'));
    expect(oneOption(options.slice(1), 'main').id).not.toBe(options[1]?.id);
  });

  it('begins steps that lead back to the start', () => {
    expect(emptyNode('message', 'main')).toEqual({ type: 'message', text: '', next: 'main' });
  });

  it('puts faults at their step and field', () => {
    const flow: Flow = {
      start: 'a',
      nodes: { a: { type: 'close' }, 'a.b': { type: 'close' } },
    };
    const fields = {
      'flow.nodes.a.b.text': 'x',
      'flow.nodes.a.options[2].next': 'y',
      'flow.nodes.a': 'z',
      'flow.start': 's',
      name: 'n',
    };
    expect(faultsByStep(flow, fields)).toEqual({
      'a.b': { text: 'x' },
      a: { 'options[2].next': 'y', '': 'z' },
      '': { 'flow.start': 's', name: 'n' },
    });
  });
});

describe('the preview', () => {
  it('has the shape that the program chooses', () => {
    const three = [{ title: 'Um' }, { title: 'Dois' }, { title: 'Três' }];
    expect(menu(three)).toBe('buttons');
    expect(menu([...three, { title: 'Quatro' }])).toBe('list');
    expect(menu([{ title: 'Falar com o financeiro' }])).toBe('list');
    expect(menu([{ title: 'Um', description: 'O primeiro' }])).toBe('list');
    expect(menu([{ title: 'Um título que não cabe em lugar algum' }])).toBe('numbers');
    expect(menu(Array.from({ length: 11 }, (_, at) => ({ title: `${at}` })))).toBe('numbers');
    expect(menu(three, 'numbers')).toBe('numbers');
    expect(menu([...three, { title: 'Quatro' }], 'buttons')).toBe('numbers');
  });

  it('fills what it knows', () => {
    expect(filled('Olá, {name}! {cpf}', { name: 'Maria' })).toBe('Olá, Maria! {cpf}');
  });

  it('reads the marks of WhatsApp', () => {
    expect(piecesOf('Envie *menu* ou _sair_.')).toEqual([
      { text: 'Envie ', style: 'plain' },
      { text: 'menu', style: 'bold' },
      { text: ' ou ', style: 'plain' },
      { text: 'sair', style: 'italic' },
      { text: '.', style: 'plain' },
    ]);
    expect(piecesOf('2*3*4 e snake_case_x')).toEqual([
      { text: '2*3*4 e snake_case_x', style: 'plain' },
    ]);
    expect(piecesOf('* não *')).toEqual([{ text: '* não *', style: 'plain' }]);
  });
});
