/** This device as the bureau's property: enrolment by QR, and wiping when it was lost. */
import { ask, carryDevice, carryToken, http } from '$shared/api/client';
import type { TerminalDatabase } from './outbox/database';

/** The code of the enrolment address, `/terminal/#enrol=CODE`; it is used once and taken away. */
export function enrolmentCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get('enrol');
  if (code) history.replaceState(null, '', location.pathname);
  return code;
}

/** Everything that is stored here, then a word to the bureau that it is gone. */
export async function wipe(database: TerminalDatabase): Promise<void> {
  carryToken(null);
  await database.delete();
  if (typeof caches !== 'undefined') {
    for (const name of await caches.keys()) await caches.delete(name);
  }
  localStorage.clear();
  await ask(http.POST('/api/v1/devices/self/wiped')).catch(() => undefined);
  carryDevice(null);
  location.reload();
}
