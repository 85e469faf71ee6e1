/** Addresses one can send: patterns like `/register/:name/:id`, matched to a page's name. */
export interface Address {
  /** The page's name in the table, null where nothing matches. */
  page: string | null;
  params: Record<string, string>;
  query: URLSearchParams;
}

export type Table = Readonly<Record<string, string>>;

const parts = (path: string): string[] => path.split('/').filter(Boolean);

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null; // half an escape: somebody cut the address
  }
}

function matchOne(pattern: string[], path: string[]): Record<string, string> | null {
  if (pattern.length !== path.length) return null;
  const params: Record<string, string> = {};
  for (const [index, want] of pattern.entries()) {
    const given = decoded(path[index]!);
    if (given === null) return null;
    if (want.startsWith(':')) params[want.slice(1)] = given;
    else if (want !== given) return null;
  }
  return params;
}

/** The page at a path with its query. The first pattern that fits wins. */
export function match(table: Table, path: string, search = ''): Address {
  const query = new URLSearchParams(search);
  const given = parts(path);
  for (const [page, pattern] of Object.entries(table)) {
    const params = matchOne(parts(pattern), given);
    if (params) return { page, params, query };
  }
  return { page: null, params: {}, query };
}

/** The address of a page: what `match` reads again. */
export function href(
  table: Table,
  page: string,
  params: Record<string, string> = {},
  query: Record<string, string | null> | URLSearchParams = {},
): string {
  const pattern = table[page];
  if (pattern === undefined) throw new Error(`no page ${page}`);
  const path = parts(pattern).map((part) => {
    if (!part.startsWith(':')) return part;
    const value = params[part.slice(1)];
    if (!value) throw new Error(`page ${page} needs ${part}`);
    return encodeURIComponent(value);
  });
  const given =
    query instanceof URLSearchParams
      ? query
      : new URLSearchParams(Object.entries(query).filter((e): e is [string, string] => e[1] !== null));
  const search = given.toString();
  // A service worker's scope ends with a slash: the pattern says whether its address does.
  const end = path.length && pattern.endsWith('/') ? '/' : '';
  return `/${path.join('/')}${end}${search ? `?${search}` : ''}`;
}
