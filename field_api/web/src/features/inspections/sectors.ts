/** The sectors that checklists are kept for. */
import { list } from '../registers/api';

const MOST = 1000;

export async function loadSectors(): Promise<string[]> {
  const asked = { q: '', sort: 'sector', where: [], area: '', offset: 0 };
  const { rows } = await list('checklist_items', asked, MOST);
  return [...new Set(rows.map((row) => String(row.sector)))];
}
