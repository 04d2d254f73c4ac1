import { useTranslation } from 'react-i18next';
import { i18next } from './i18n';

/** Keys without the ending that says how many are meant. */
type Base<K> = K extends `${infer B}_${'one' | 'other'}` ? B : K;
type Values = Record<string, string | number>;

/** Says a text in the language that is spoken now. */
export type Say<K extends string> = (key: K, values?: Values) => string;

/** The keys of some texts, for a component that is given one. */
export type KeyOf<T> = T extends Texts<infer K> ? K : never;

interface Texts<K extends string> {
  /** Outside of components. */
  say: Say<K>;
  /** In components: says, and has the component said anew when the language changes. */
  useText: () => Say<K>;
}

/**
 * The texts of one part of the dashboard, in both languages. Where a number decides, the key is
 * there twice, as `…_one` and `…_other`, and is called without the ending and with `count`.
 */
export function texts<const P extends Record<string, string>>(
  namespace: string,
  pt: P,
  en: Record<keyof P, string>,
): Texts<Base<keyof P & string>> {
  i18next.addResourceBundle('pt-BR', namespace, pt);
  i18next.addResourceBundle('en', namespace, en);
  const say: Say<Base<keyof P & string>> = (key, values) =>
    i18next.t(key, { ns: namespace, ...values });
  const useText = () => {
    useTranslation(namespace);
    return say;
  };
  return { say, useText };
}
