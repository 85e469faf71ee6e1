/** The page's address as state: Back and Forward, reload and a sent link all go through it. */
import { href, match, type Address, type Table } from './match';

export class Router<T extends Table> {
  #address = $state.raw<Address>({ page: null, params: {}, query: new URLSearchParams() });

  constructor(private readonly table: T) {
    this.#read();
    if (typeof window === 'undefined') return;
    window.addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#follow(event));
  }

  get page(): (keyof T & string) | null {
    return this.#address.page as (keyof T & string) | null;
  }

  get params(): Record<string, string> {
    return this.#address.params;
  }

  get query(): URLSearchParams {
    return this.#address.query;
  }

  href(
    page: keyof T & string,
    params: Record<string, string> = {},
    query: Record<string, string | null> | URLSearchParams = {},
  ): string {
    return href(this.table, page, params, query);
  }

  /** Go somewhere; `replace` where Back should not lead to where one was. */
  go(address: string, { replace = false } = {}): void {
    if (address !== location.pathname + location.search) {
      history[replace ? 'replaceState' : 'pushState'](null, '', address);
    }
    this.#read();
  }

  /** Change parts of the query and stay on the page. */
  ask(changes: Record<string, string | null>, options: { replace?: boolean } = {}): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === '') query.delete(name);
      else query.set(name, value);
    }
    const search = query.toString();
    this.go(location.pathname + (search ? `?${search}` : ''), options);
  }

  #read(): void {
    if (typeof location === 'undefined') return;
    this.#address = match(this.table, location.pathname, location.search);
  }

  /** Links inside the application change the address without loading the page again. */
  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.('a[href]');
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download')) return;
    if (link.origin !== location.origin) return;
    if (match(this.table, link.pathname).page === null) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}
