/** The forms of documents: the same data as at the command post. */
import given from '../../../../features/inspections/forms.json';
import type { components } from '../api/schema';

export type Tier = components['schemas']['InspectionView']['tier'];
export type SignerRole = components['schemas']['Signature']['role'];

export type FieldKind =
  | 'text'
  | 'long_text'
  | 'day'
  | 'time'
  | 'number'
  | 'money'
  | 'choice'
  | 'yes_no'
  | 'hazards'
  | 'things'
  | 'questions';

export interface FormField {
  name: string;
  zh: string;
  en: string;
  kind: FieldKind;
  required: boolean;
  fill: string;
  choices: { value: string; zh: string; en: string }[];
  hint_zh: string;
  hint_en: string;
  most: number | null;
  /** Lower amounts where another field has a value. */
  caps: (When & { most: number })[];
  required_when: When | null;
}

/** Another field of the same form has this value. */
export interface When {
  field: string;
  value: string;
}

export interface Form {
  code: string;
  zh: string;
  en: string;
  zh_2025: string;
  series: string;
  zh_street: string;
  en_street: string;
  tiers: Tier[];
  /** A street that was given the power to punish issues it too. */
  empowered: boolean;
  after: string[];
  order: string[];
  approval: 'none' | 'before' | 'urgent';
  /** In an emergency inspection the approval may come after it was issued. */
  approved_afterwards: boolean;
  officers: number;
  signers: SignerRole[];
  due: string;
  fulfils: 'none' | 'hazards' | 'always';
  about: 'none' | 'hazards';
  copies: number;
  back_office: boolean;
  basis: string;
  /** Of a street, where another law gives it the power. */
  basis_street: string;
  notice_zh: string;
  notice_en: string;
  fields: FormField[];
}

type Sparse = Partial<Omit<Form, 'fields'>> & {
  code: string;
  zh: string;
  en: string;
  fields: (Partial<FormField> & Pick<FormField, 'name' | 'zh' | 'en' | 'kind'>)[];
};

/** A form with the defaults that the file leaves out (`features/inspections/forms.py`). */
export const whole = (form: Sparse): Form => ({
  zh_2025: '',
  zh_street: '',
  en_street: '',
  series: '',
  tiers: [],
  empowered: false,
  after: [],
  order: [],
  approval: 'none',
  approved_afterwards: false,
  officers: 2,
  signers: [],
  due: '',
  fulfils: 'none',
  about: 'none',
  copies: 2,
  back_office: false,
  basis: '',
  basis_street: '',
  notice_zh: '',
  notice_en: '',
  ...form,
  fields: form.fields.map((field) => ({
    required: false,
    fill: '',
    choices: [],
    hint_zh: '',
    hint_en: '',
    most: null,
    caps: [],
    required_when: null,
    ...field,
  })),
});

/** In the order of the chain. */
export const FORMS: readonly Form[] = (given.forms as unknown as Sparse[]).map(whole);
export const formOf = (code: string): Form | undefined => FORMS.find((form) => form.code === code);

/** Forms by which a penalty is imposed: what article 113 counts. */
export const PENALTIES: readonly string[] = ['ONSPOT', 'PENALTY'];

/** What a bureau or a street calls a form; papers themselves are Chinese. */
export function formTitle(form: Form, tier: Tier, english = false): string {
  if (english) return (tier === 'street' && form.en_street) || form.en;
  return (tier === 'street' && form.zh_street) || form.zh;
}
