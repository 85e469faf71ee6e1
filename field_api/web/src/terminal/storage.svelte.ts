/** Whether this handheld had room for what was last written. */
class Storage {
  /** Something was not stored: its writer has to know. */
  full = $state(false);
}
export const storage = new Storage();

interface Failure {
  name?: string;
  /** Of the database's own errors: what the browser said. */
  inner?: Failure | null;
  /** Of several writes at once. */
  failures?: Failure[];
}

export function isFull(problem: unknown): boolean {
  if (typeof problem !== 'object' || problem === null) return false;
  const { name, inner, failures = [] } = problem as Failure;
  return name === 'QuotaExceededError' || [inner, ...failures].some(isFull);
}

/** Whatever was being written: a write that nobody else answers for ends here. */
export function watchStorage(): void {
  window.addEventListener('unhandledrejection', (event) => {
    if (isFull(event.reason)) storage.full = true;
  });
}
