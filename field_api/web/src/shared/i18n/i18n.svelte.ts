/** The two catalogues, switched at run time. Reading `t` in a view makes it follow the switch. */
import en from './en.json';
import zh from './zh-CN.json';

export type Locale = 'zh-CN' | 'en';
export type MessageKey = keyof typeof zh;

const catalogues: Record<Locale, Record<MessageKey, string>> = { 'zh-CN': zh, en };
const STORED = 'xunshan.locale';

class Language {
  current = $state<Locale>('zh-CN');

  constructor() {
    if (typeof localStorage !== 'undefined' && localStorage.getItem(STORED) === 'en') {
      this.current = 'en';
    }
    this.#apply();
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

/** The text of `key`, with `{name}` places filled from `values`. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return catalogues[language.current][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}

/** A text whose key is made of a record's value, or the value itself where nobody named it. */
export function named(prefix: string, value: string): string {
  const key = `${prefix}.${value}`;
  return key in zh ? t(key as MessageKey) : value;
}

/** What the server says in both languages. */
export function pick(textZh: string, textEn: string): string {
  return language.current === 'en' ? textEn || textZh : textZh || textEn;
}
