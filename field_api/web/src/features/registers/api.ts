/** Registers as the command post declares them; typed by hand until the OpenAPI document has them. */
import { API, call } from '$shared/api/client';

export type Kind =
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'date'
  | 'time'
  | 'point'
  | 'area'
  | 'json';

export interface Column {
  name: string;
  kind: Kind;
  unit: string | null;
  required: boolean;
  searchable: boolean;
  sortable: boolean;
  choices: string[] | null;
  title_zh: string;
  title_en: string;
}

export interface RegisterSchema {
  name: string;
  title_zh: string;
  title_en: string;
  columns: Column[];
  /** Columns that together tell one entry from another. */
  key: string[];
  map: boolean;
  writable: boolean;
}

export type Row = { id: string; version: number; area?: string | null } & Record<string, unknown>;

export interface Listing {
  rows: Row[];
  total: number;
}

export interface Change {
  version: number;
  t_ms: number;
  actor_name: string;
  action: string;
  row: Row | null;
}

/** What is asked of a list; all of it stands in the address. */
export interface Asked {
  q: string;
  /** `name` upwards, `-name` downwards. */
  sort: string;
  where: string[];
  area: string;
  offset: number;
}

export interface ImportResult {
  rows: number;
  created: number;
  changed: number;
  same: number;
  errors: { row: number; column: string | null; text_zh: string; text_en: string }[];
  warnings: { row?: number | null; code: string; text_zh: string; text_en: string }[];
  headers: string[];
  mapping: Record<string, string>;
  applied: boolean;
}

export type Format = 'csv' | 'xlsx' | 'geojson';
export type Datum = 'wgs84' | 'gcj02' | 'bd09';

export const PAGE = 50;
const seg = encodeURIComponent;

let schemas: Promise<RegisterSchema[]> | null = null;

/** What registers there are: asked once, they change only with the server. */
export function loadSchemas(): Promise<RegisterSchema[]> {
  schemas ??= call<RegisterSchema[]>('GET', '/registers').catch((problem: unknown) => {
    schemas = null;
    throw problem;
  });
  return schemas;
}

export async function schemaOf(name: string): Promise<RegisterSchema | undefined> {
  return (await loadSchemas()).find((schema) => schema.name === name);
}

const filters = ({ q, sort, where, area }: Asked) => ({ q, sort, where, area });

export const list = (name: string, asked: Asked, limit = PAGE): Promise<Listing> =>
  call('GET', `/registers/${seg(name)}`, { query: { ...filters(asked), limit, offset: asked.offset } });

/** How many entries a register has. */
export const countOf = async (name: string): Promise<number> =>
  (await list(name, { q: '', sort: '', where: [], area: '', offset: 0 }, 1)).total;

export const getRow = (name: string, id: string): Promise<Row> =>
  call('GET', `/registers/${seg(name)}/${seg(id)}`);

export const history = (name: string, id: string): Promise<Change[]> =>
  call('GET', `/registers/${seg(name)}/${seg(id)}/history`);

export const create = (name: string, id: string, values: Record<string, unknown>): Promise<Row> =>
  call('POST', `/registers/${seg(name)}`, { body: { id, ...values } });

export const replace = (
  name: string,
  { id, version }: Row,
  values: Record<string, unknown>,
): Promise<Row> => call('PUT', `/registers/${seg(name)}/${seg(id)}`, { body: { version, ...values } });

export const remove = (name: string, { id, version }: Row): Promise<void> =>
  call('DELETE', `/registers/${seg(name)}/${seg(id)}`, { query: { version } });

export const importFile = (
  name: string,
  file: Blob,
  options: { format: Format; crs: Datum; dryRun: boolean; mapping: Record<string, string> },
): Promise<ImportResult> =>
  call('POST', `/registers/${seg(name)}/import`, {
    query: {
      format: options.format,
      crs: options.crs,
      dry_run: options.dryRun,
      mapping: Object.keys(options.mapping).length ? JSON.stringify(options.mapping) : null,
    },
    body: file,
  });

/** The address of a download with the same filters as the list. */
export function exportHref(name: string, asked: Asked, format: Format): string {
  const search = new URLSearchParams({ format });
  if (asked.q) search.set('q', asked.q);
  if (asked.sort) search.set('sort', asked.sort);
  if (asked.area) search.set('area', asked.area);
  for (const each of asked.where) search.append('where', each);
  return `${API}/registers/${seg(name)}/export?${search}`;
}
