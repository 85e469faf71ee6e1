/**
 * Who is signed in, in all tabs of this browser. A session that ends while somebody works is
 * renewed over the page, so that nothing typed is lost; another tab's signing out is said aloud.
 */
import { ApiProblem, ask, carryToken, http, onSessionEnded } from '../api/client';
import type { Credentials, User } from '../api/records';

/** Why nobody is signed in any more, where it was not this tab's doing. */
export type Leaving = 'out-elsewhere' | 'other-user' | 'ended' | 'link-over';

type Message = { kind: 'in' | 'out'; userId: string };

class SessionState {
  user = $state.raw<User | null>(null);
  /** Whether the server has been asked who is signed in. */
  asked = $state(false);
  /** The session has ended under somebody's hands: ask for the password over the page. */
  renewing = $state(false);
  left = $state<Leaving | null>(null);

  #channel: BroadcastChannel | null = null;
  #renewal: Promise<boolean> | null = null;
  #renewed: (done: boolean) => void = () => undefined;

  may(permission: string): boolean {
    return this.user?.permissions.includes(permission) ?? false;
  }

  async open(): Promise<void> {
    if (typeof BroadcastChannel !== 'undefined') {
      this.#channel?.close();
      this.#channel = new BroadcastChannel('xunshan-session');
      this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#heard(data);
    }
    onSessionEnded(() => this.renew());
    try {
      this.user = (await ask(http.GET('/api/v1/session'))).user;
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
    }
    this.asked = true;
  }

  async signIn(given: Credentials): Promise<User> {
    const { user } = await ask(http.POST('/api/v1/session', { body: given }));
    this.#enter(user);
    return user;
  }

  /** A visitor's link: sees one incident until it expires. */
  async signInGuest(token: string): Promise<User> {
    const { user } = await ask(http.POST('/api/v1/session/guest', { body: { token } }));
    this.#enter(user);
    return user;
  }

  async signOut(): Promise<void> {
    const userId = this.user?.id ?? '';
    await ask(http.DELETE('/api/v1/session')).catch((problem: unknown) => {
      // An ended session cannot be ended again; anything else still leads to the sign-in page.
      if (!(problem instanceof ApiProblem)) throw problem;
    });
    carryToken(null);
    this.#leave(null);
    this.#channel?.postMessage({ kind: 'out', userId } satisfies Message);
  }

  /** Ask for the password over the page; true when the same person is signed in again. */
  renew(): Promise<boolean> {
    if (!this.user) return Promise.resolve(false);
    if (this.user.role === 'guest') {
      // A visitor's link has run out; there is no password to ask for.
      this.#leave('link-over');
      return Promise.resolve(false);
    }
    this.#renewal ??= new Promise<boolean>((done) => {
      this.#renewed = done;
      this.renewing = true;
    });
    return this.#renewal;
  }

  /** Leave instead of signing in again. */
  giveUp(): void {
    this.#leave('ended');
  }

  #enter(user: User): void {
    const same = this.user?.id === user.id;
    if (this.user && !same) this.#leave(null);
    if (!same) this.user = user;
    this.left = null;
    this.#endRenewal(same);
    this.#channel?.postMessage({ kind: 'in', userId: user.id } satisfies Message);
  }

  #leave(why: Leaving | null): void {
    this.left = why;
    this.user = null;
    this.#endRenewal(false);
  }

  #endRenewal(done: boolean): void {
    this.renewing = false;
    this.#renewal = null;
    this.#renewed(done);
    this.#renewed = () => undefined;
  }

  #heard({ kind, userId }: Message): void {
    if (!this.user) return;
    if (kind === 'out' && userId === this.user.id) this.#leave('out-elsewhere');
    // The cookie is now somebody else's: going on would act in their name.
    else if (kind === 'in' && userId !== this.user.id) this.#leave('other-user');
    else if (kind === 'in') this.#endRenewal(true);
  }
}

export const session = new SessionState();
