/** Something asked of the command post by a person: whether it is under way, and why it failed. */
import { ApiProblem, expected } from '../api/client';

export class Attempt {
  busy = $state(false);
  problem = $state.raw<ApiProblem | null>(null);

  /** The result, undefined where it was refused; the reason then stands in `problem`. */
  async run<T>(action: () => Promise<T>): Promise<T | undefined> {
    this.busy = true;
    this.problem = null;
    try {
      return await action();
    } catch (caught) {
      this.problem = expected(caught);
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}
