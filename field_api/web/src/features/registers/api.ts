/** Registers as the command post declares them. */
import { API, ask, call, http, withQuery } from '$shared/api/client';
import type { components } from '$shared/api/schema';

type Schemas = components['schemas'];

export type Column = Schemas['ColumnSchema'];
export type Kind = Column['kind'];
export type RegisterSchema = Schemas['RegisterSchema'];
export type Row = Schemas['RegisterRow'];
export type Listing = Schemas['RegisterPage'];
export type Change = Schemas['EntryVersion'];
export type Conflict = Schemas['EntryConflictView'];
export type ImportResult = Schemas['ImportView'];
export type Format = Schemas['TableFormat'];
export type Datum = Schemas['Datum'];

/** What is asked of a list; all of it stands in the address. */
export interface Asked {
  q: string;
  /** `name` upwards, `-name` downwards. */
  sort: string;
  where: string[];
  area: string;
  offset: number;
}

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

const path = (name: string, entry_id: string) => ({ params: { path: { name, entry_id } } });

export const conflicts = (name: string, id: string): Promise<Conflict[]> =>
  ask(http.GET('/api/v1/registers/{name}/{entry_id}/conflicts', path(name, id)));

/** Say which value stands: the handheld's (`take`), or the one that the entry has. */
export const decide = (conflict: Conflict, take: boolean, version: number): Promise<Conflict> =>
  ask(
    http.POST('/api/v1/registers/{name}/{entry_id}/conflicts/{conflict_id}/decide', {
      params: { path: { name: conflict.register_name, entry_id: conflict.entry_id, conflict_id: conflict.id } },
      body: { take, version },
    }),
  );

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
  const { q, sort, area, where } = asked;
  return withQuery(`${API}/registers/${seg(name)}/export`, { format, q, sort, area, where });
}
