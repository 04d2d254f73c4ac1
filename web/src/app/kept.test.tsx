import { type UseFormReturnType, useForm } from '@mantine/form';
import { act, type Dispatch, type SetStateAction } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { session } from '../api/session';
import type { Me } from '../api/types';
import { useKept, useKeptForm } from './kept';

let now = '';
let type: Dispatch<SetStateAction<string>>;
let stop: () => void;

function Form({ before }: { before: string }) {
  [now, type] = useKept('close:c1', before);
  return null;
}

/** The page is loaded by somebody, and shows the form. */
function visit(user: string, before = ''): void {
  session.set({ state: 'in', me: { id: user } as Me, acting: null });
  const root = createRoot(document.createElement('div'));
  act(() => root.render(<Form before={before} />));
  stop = () => act(() => root.unmount());
}

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  localStorage.clear();
});
afterEach(() => stop());

it('keeps what was typed over a reload, for who typed it', () => {
  visit('ana');
  act(() => type('Boleto enviado'));
  stop();
  visit('bruno');
  expect(now).toBe('');
  stop();
  visit('ana');
  expect(now).toBe('Boleto enviado');
});

it('forgets it once it is as it was', () => {
  visit('ana');
  act(() => type('Boleto enviado'));
  act(() => type(''));
  expect(localStorage.length).toBe(0);
});

it('does not bring back what was written over something older', () => {
  visit('ana', 'Bom dia');
  act(() => type('Boa tarde'));
  stop();
  visit('ana', 'Boa noite');
  expect(now).toBe('Boa noite');
});

let form: UseFormReturnType<{ name: string }>;

function Details({ name }: { name: string }) {
  form = useKeptForm('company', useForm({ initialValues: { name } }));
  return null;
}

function look(name: string): void {
  const root = createRoot(document.createElement('div'));
  act(() => root.render(<Details name={name} />));
  stop = () => act(() => root.unmount());
}

it('keeps a form the same way', () => {
  session.set({ state: 'in', me: { id: 'ana' } as Me, acting: null });
  look('Padaria');
  act(() => form.setFieldValue('name', 'Padaria Sol'));
  stop();
  look('Padaria');
  expect(form.values.name).toBe('Padaria Sol');
  expect(form.isDirty()).toBe(true);
  act(() => form.reset());
  expect(localStorage.length).toBe(0);
  stop();
  // What a super admin writes for one company is not for another.
  act(() => session.set({ state: 'in', me: { id: 'root' } as Me, acting: 'a' }));
  look('Padaria');
  act(() => form.setFieldValue('name', 'Padaria Sol'));
  stop();
  act(() => session.set({ state: 'in', me: { id: 'root' } as Me, acting: 'b' }));
  look('Padaria');
  expect(form.values.name).toBe('Padaria');
});
