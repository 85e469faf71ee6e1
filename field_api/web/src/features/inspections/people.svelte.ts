/** Officers and offices, by the registers: asked once a page, their names shown everywhere. */
import { list, type Row } from '../registers/api';

const MOST = 500;

class People {
  officers = $state.raw<Row[]>([]);
  offices = $state.raw<Row[]>([]);
  #asked: Promise<void> | null = null;

  load(): Promise<void> {
    this.#asked ??= this.#load().catch((problem: unknown) => {
      this.#asked = null;
      throw problem;
    });
    return this.#asked;
  }

  async #load(): Promise<void> {
    const asked = { q: '', sort: 'name', where: [], area: '', offset: 0 };
    const [officers, offices] = await Promise.all([
      list('officers', asked, MOST),
      list('offices', asked, MOST),
    ]);
    this.officers = officers.rows;
    this.offices = offices.rows;
  }
}

export const people = new People();

const nameIn = (rows: Row[], id: string): string => String(rows.find((row) => row.id === id)?.name ?? id);

export const officerName = (id: string): string => nameIn(people.officers, id);
export const officeName = (id: string): string => nameIn(people.offices, id);
