import { useMemo, useState } from 'react';
import type { ApiError } from '../api/errors';
import { problemWords } from '../api/faults';
import {
  type Filled,
  faultsIn,
  formOf,
  outgoing,
  slotOf,
  type Template,
  type Values,
  valuesOf,
} from './form';
import { templates } from './texts';

/** A template that is being filled in. */
export function useFilling(template: Template, begun?: Filled) {
  const t = templates.useText();
  const form = useMemo(() => formOf(template), [template]);
  const [values, setValues] = useState<Values>(() => initial(form, begun));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState(false);
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({});
  const faults = faultsIn(form, values);

  return {
    template,
    form,
    values,
    /** What is wrong with a slot, once somebody has been there. */
    problem: (slot: string): string | null => {
      const fault = faults[slot];
      if (fault && (tried || touched.has(slot) || slot === 'body')) {
        return t(slot === 'body' ? 'fault_text' : `fault_${fault}`);
      }
      return said[slot] ?? null;
    },
    change: (slot: string, value: string) => {
      setValues((now) => ({ ...now, [slot]: value }));
      setSaid(({ [slot]: _, ...others }) => others);
    },
    touch: (slot: string) => setTouched((now) => new Set(now).add(slot)),
    /** What is to be sent; `null`, and what is missing is said, if it cannot be. */
    take: (): Filled | null => {
      setTried(true);
      if (Object.keys(faults).length > 0) return null;
      return outgoing(template, form, values);
    },
    /** What the server did not like; gives what is about none of the slots. */
    refuse: (error: ApiError): string[] => {
      const known = new Set(['body', ...form.slots.map(({ id }) => id)]);
      const all = error.fields.map(
        ({ field, message }) => [slotOf(form, field), problemWords(message)] as const,
      );
      setSaid(Object.fromEntries(all.filter(([slot]) => known.has(slot))));
      return all.filter(([slot]) => !known.has(slot)).map(([, words]) => words);
    },
  };
}

export type Filling = ReturnType<typeof useFilling>;

function initial(form: ReturnType<typeof formOf>, begun: Filled | undefined): Values {
  return begun ? valuesOf(form, begun) : {};
}
