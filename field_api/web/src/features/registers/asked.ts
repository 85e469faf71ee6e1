/** A list's search, sorting, filters and page, read from the address and written to it. */
import { PAGE, type Asked } from './api';

export function readAsked(query: URLSearchParams): Asked {
  const page = Number(query.get('page') ?? '1');
  return {
    q: query.get('q') ?? '',
    sort: query.get('sort') ?? '',
    where: query.getAll('where'),
    area: query.get('area') ?? '',
    offset: Number.isInteger(page) && page > 1 ? (page - 1) * PAGE : 0,
  };
}

export function writeAsked({ q, sort, where, area, offset }: Asked): URLSearchParams {
  const query = new URLSearchParams();
  if (q) query.set('q', q);
  if (sort) query.set('sort', sort);
  for (const each of where) query.append('where', each);
  if (area) query.set('area', area);
  if (offset) query.set('page', String(Math.floor(offset / PAGE) + 1));
  return query;
}

/** Sorting by a column: upwards, downwards, then as it comes. */
export function nextSort(sort: string, column: string): string {
  if (sort === column) return `-${column}`;
  return sort === `-${column}` ? '' : column;
}
