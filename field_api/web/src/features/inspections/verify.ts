/** The hash of what the command post hands out, computed here. */
import { expected } from '$shared/api/client';
import { problemOf, unreachable } from '$shared/api/problem';

export async function sha256Of(url: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'same-origin' });
  } catch {
    throw expected(unreachable());
  }
  if (!response.ok) throw await problemOf(response);
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
