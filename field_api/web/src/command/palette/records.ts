/** Registers and their entries: asked of the command post, which searches its own columns. */
import { pick, t } from '$shared/i18n/i18n.svelte';
import { router } from '$shared/router/console';
import { session } from '$shared/session/session.svelte';
import { list, loadSchemas, type RegisterSchema, type Row } from '../../features/registers/api';
import { cell } from '../../features/registers/values';
import type { Find } from './finds';

/** Of each register; the register's own page has the rest. */
const MOST_EACH = 5;
/** Kept here of each register with a place, so that initials find them too. */
const KEPT_EACH = 300;
const AT_ONCE = 3;
const ALL = { q: '', sort: '', where: [], area: '', offset: 0 };

function find(schema: RegisterSchema, row: Row): Find {
  const texts = schema.columns.filter(({ kind, searchable }) => kind === 'text' && searchable);
  const shown = texts[0] ?? schema.columns[0]!;
  const label = cell(shown, row[shown.name]) || row.id;
  return {
    group: 'record',
    id: `${schema.name} ${row.id}`,
    names: [label, ...texts.slice(1).map((column) => cell(column, row[column.name]))],
    label,
    detail: pick(schema.title_zh, schema.title_en),
    go: () => router.go(router.href('register-entry', { name: schema.name, id: row.id })),
  };
}

/** Ask several registers, a few at a time; one that can't answer is left out. */
async function each(schemas: RegisterSchema[], ask: (schema: RegisterSchema) => Promise<Row[]>): Promise<Find[]> {
  const found: Find[][] = schemas.map(() => []);
  const waiting = schemas.map((schema, at) => ({ schema, at }));
  async function work() {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { schema, at } = next;
      found[at] = await ask(schema).then((rows) => rows.map((row) => find(schema, row)), () => []);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found.flat();
}

const mayRead = () => (session.may('register.view') ? loadSchemas() : Promise.resolve([]));

/** The registers' own pages. */
export const registerPages = async (): Promise<Find[]> =>
  (await mayRead()).map(({ name, title_zh, title_en }) => ({
    group: 'command',
    id: `register ${name}`,
    names: [title_zh, title_en],
    label: pick(title_zh, title_en),
    detail: t('nav.registers'),
    go: () => router.go(router.href('register', { name })),
  }));

/** Entries that lie on the map, to be found by initials. */
export const placedRecords = async (): Promise<Find[]> =>
  each((await mayRead()).filter(({ map }) => map), async ({ name }) => (await list(name, ALL, KEPT_EACH)).rows);

/** Entries that the command post finds by what is typed. */
export const searchRecords = async (q: string): Promise<Find[]> =>
  each(
    (await mayRead()).filter(({ columns }) => columns.some(({ searchable }) => searchable)),
    async ({ name }) => (await list(name, { ...ALL, q }, MOST_EACH)).rows,
  );
