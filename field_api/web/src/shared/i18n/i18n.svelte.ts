/**
 * Two languages, switched at run time. Each feature brings its own texts and adds them when it is
 * loaded. Reading `t` in a view makes it follow the switch.
 */
import en from './en.json';
import type { MessageKey } from './keys';
import zh from './zh.json';

export type Locale = 'zh-CN' | 'en';
export type { MessageKey } from './keys';
type Catalogue = Record<string, string>;

const catalogues: Record<Locale, Catalogue> = { 'zh-CN': { ...zh }, en: { ...en } };
const STORED = 'xunshan.locale';

class Language {
  current = $state<Locale>('zh-CN');

  constructor() {
    if (typeof localStorage !== 'undefined' && localStorage.getItem(STORED) === 'en') {
      this.current = 'en';
    }
    this.#apply();
  }

  /** As the command post calls it. */
  get short(): 'zh' | 'en' {
    return this.current === 'en' ? 'en' : 'zh';
  }

  set(locale: Locale): void {
    this.current = locale;
    localStorage.setItem(STORED, locale);
    this.#apply();
  }

  toggle(): void {
    this.set(this.current === 'en' ? 'zh-CN' : 'en');
  }

  #apply(): void {
    if (typeof document !== 'undefined') document.documentElement.lang = this.current;
  }
}

export const language = new Language();

/** Add a feature's texts; its `texts.ts` does so once. */
export function addTexts<T extends Catalogue>(chinese: T, english: Record<keyof T, string>): void {
  Object.assign(catalogues['zh-CN'], chinese);
  Object.assign(catalogues.en, english);
}

/**
 * The text of `key`, with `{name}` places filled from `values`; `{name|one|many}` is the word for one
 * or for another number.
 */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  const text = catalogues[language.current][key] ?? key;
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    if (!(name in values)) return whole;
    if (one === undefined) return String(values[name]);
    return (Number(values[name]) === 1 ? one : many) ?? '';
  });
}

/** The text of `key` in each language: who searches may type either. */
export const inBoth = (key: MessageKey): string[] => [catalogues['zh-CN'][key] ?? '', catalogues.en[key] ?? ''];

/** A text whose key is made of a record's value, or the value itself where nobody named it. */
export function named(prefix: string, value: string): string {
  return catalogues[language.current][`${prefix}.${value}`] ?? value;
}

/** What the server says in both languages. */
export function pick(textZh: string, textEn: string): string {
  return language.current === 'en' ? textEn || textZh : textZh || textEn;
}
