/** Why something cannot be done: a text's key with what it names. */
export interface Reason {
  code: string;
  /** Of a form or field, in both languages. */
  zh?: string;
  en?: string;
  field?: string;
  name?: string;
  number?: number;
  most?: number;
}
